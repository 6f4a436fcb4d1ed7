package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/lib/environments"
	"github.com/anthropics/anthropic-sdk-go/option"
)

// Says what it is told.
type echo struct{}

func (echo) Name() string        { return "echo" }
func (echo) Description() string { return "Says it again." }

func (echo) InputSchema() anthropic.BetaToolInputSchemaParam {
	return anthropic.BetaToolInputSchemaParam{}
}

func (echo) Execute(_ context.Context, input json.RawMessage) ([]anthropic.BetaToolResultBlockParamContentUnion, error) {
	text := &anthropic.BetaTextBlockParam{Text: string(input)}
	return []anthropic.BetaToolResultBlockParamContentUnion{{OfText: text}}, nil
}

// The official worker, unmodified. It takes the address, the environment's id and the seconds that a session may be idle,
// and the key from the environment.
func work(arguments []string) error {
	if len(arguments) != 3 {
		return fmt.Errorf("needs URL ENVIRONMENT_ID IDLE_SECONDS")
	}
	idle, err := time.ParseDuration(arguments[2] + "s")
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	client := anthropic.NewClient(option.WithBaseURL(arguments[0]), option.WithMaxRetries(0))
	return environments.NewEnvironmentWorker(client, environments.EnvironmentWorkerOptions{
		EnvironmentID:  arguments[1],
		EnvironmentKey: os.Getenv("ANTHROPIC_ENVIRONMENT_KEY"),
		Tools:          []anthropic.BetaTool{echo{}},
		MaxIdle:        &idle,
	}).Run(ctx)
}
