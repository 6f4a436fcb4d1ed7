package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/anthropics/anthropic-sdk-go/packages/respjson"
)

// A call as test/conformance/sdk-operations.test.ts describes it.
type call struct {
	URL            string             `json:"url"`
	Operation      string             `json:"operation"`
	APIKey         string             `json:"api_key"`
	EnvironmentKey string             `json:"environment_key"`
	Environment    string             `json:"environment"`
	Work           string             `json:"work"`
	Metadata       map[string]*string `json:"metadata"`
	Expected       string             `json:"expected_last_heartbeat"`
	Force          bool               `json:"force"`
	WorkerID       string             `json:"worker_id"`
	Retries        int                `json:"retries"`
}

// What the SDK made of the answer.
type outcome struct {
	Answer json.RawMessage `json:"answer,omitempty"`
	// Fields of the answer that its type does not declare, and those that it declares and the answer lacks.
	Undeclared []string `json:"undeclared"`
	Missing    []string `json:"missing"`
	Error      *failure `json:"error,omitempty"`
}

type failure struct {
	Class      string `json:"class"`
	Status     int    `json:"status"`
	Type       string `json:"type"`
	Code       string `json:"code"`
	Message    string `json:"message"`
	RetryAfter string `json:"retry_after"`
	RequestID  string `json:"request_id"`
}

// Reads a call a line, and writes an outcome a line.
func answerCalls(calls io.Reader, outcomes io.Writer) error {
	lines := json.NewDecoder(calls)
	answers := json.NewEncoder(outcomes)
	for {
		var next call
		if err := lines.Decode(&next); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		made, err := outcomeOf(next)
		if err != nil {
			return err
		}
		if err := answers.Encode(made); err != nil {
			return err
		}
	}
}

func outcomeOf(next call) (*outcome, error) {
	key := option.WithAPIKey(next.APIKey)
	if next.EnvironmentKey != "" {
		key = option.WithAuthToken(next.EnvironmentKey)
	}
	client := anthropic.NewClient(
		option.WithoutEnvironmentDefaults(),
		option.WithBaseURL(next.URL),
		option.WithMaxRetries(next.Retries),
		key,
	)
	service := client.Beta.Environments.Work
	made := &outcome{Undeclared: []string{}, Missing: []string{}}
	if next.Operation == "methods" {
		return made, made.tell(methodsOf(&service))
	}
	objects, err := send(&service, next)
	var refused *anthropic.Error
	if errors.As(err, &refused) {
		made.Error = failureOf(refused)
		return made, nil
	}
	if err != nil {
		return nil, err
	}
	for _, object := range objects {
		made.compare("", reflect.ValueOf(object))
	}
	raw := rawOf(objects)
	if next.Operation == "list" {
		return made, made.tell(raw)
	}
	// A poll of an empty queue has no object.
	if len(raw) == 0 {
		return made, made.tell(nil)
	}
	return made, made.tell(raw[0])
}

// The objects of the answer: one, or all of a list.
func send(service *anthropic.BetaEnvironmentWorkService, next call) ([]object, error) {
	ctx := context.Background()
	switch next.Operation {
	case "list":
		pager := service.ListAutoPaging(ctx, next.Environment, anthropic.BetaEnvironmentWorkListParams{})
		items := []object{}
		for pager.Next() {
			items = append(items, pager.Current())
		}
		return items, pager.Err()
	case "retrieve":
		work, err := service.Get(ctx, next.Work, anthropic.BetaEnvironmentWorkGetParams{EnvironmentID: next.Environment})
		return one(work, err)
	case "update":
		work, err := service.Update(ctx, next.Work, updateParams(next), removals(next)...)
		return one(work, err)
	case "ack":
		work, err := service.Ack(ctx, next.Work, anthropic.BetaEnvironmentWorkAckParams{EnvironmentID: next.Environment})
		return one(work, err)
	case "heartbeat":
		beat, err := service.Heartbeat(ctx, next.Work, anthropic.BetaEnvironmentWorkHeartbeatParams{
			EnvironmentID:         next.Environment,
			ExpectedLastHeartbeat: anthropic.String(next.Expected),
		})
		return one(beat, err)
	case "stop":
		work, err := service.Stop(ctx, next.Work, anthropic.BetaEnvironmentWorkStopParams{
			EnvironmentID:                 next.Environment,
			BetaSelfHostedWorkStopRequest: anthropic.BetaSelfHostedWorkStopRequestParam{Force: anthropic.Bool(next.Force)},
		})
		return one(work, err)
	case "poll":
		work, err := service.Poll(ctx, next.Environment, anthropic.BetaEnvironmentWorkPollParams{
			AnthropicWorkerID: anthropic.String(next.WorkerID),
		})
		return one(work, err)
	case "stats":
		stats, err := service.Stats(ctx, next.Environment, anthropic.BetaEnvironmentWorkStatsParams{})
		return one(stats, err)
	}
	return nil, fmt.Errorf("no operation %q", next.Operation)
}

func updateParams(next call) anthropic.BetaEnvironmentWorkUpdateParams {
	texts := map[string]string{}
	for key, value := range next.Metadata {
		if value != nil {
			texts[key] = *value
		}
	}
	return anthropic.BetaEnvironmentWorkUpdateParams{
		EnvironmentID:                   next.Environment,
		BetaSelfHostedWorkUpdateRequest: anthropic.BetaSelfHostedWorkUpdateRequestParam{Metadata: texts},
	}
}

// The type of the parameter has no place for a null, which removes a key.
func removals(next call) []option.RequestOption {
	options := []option.RequestOption{}
	for key, value := range next.Metadata {
		if value == nil {
			options = append(options, option.WithJSONSet("metadata."+key, nil))
		}
	}
	return options
}

type object interface{ RawJSON() string }

func one[T any, P interface {
	*T
	object
}](answer P, err error) ([]object, error) {
	if err != nil || answer == nil {
		return nil, err
	}
	return []object{answer}, nil
}

func rawOf(objects []object) []json.RawMessage {
	raw := []json.RawMessage{}
	for _, each := range objects {
		raw = append(raw, json.RawMessage(each.RawJSON()))
	}
	return raw
}

func (made *outcome) tell(answer any) error {
	text, err := json.Marshal(answer)
	made.Answer = text
	return err
}

// Compares the fields of an answer with those that its type declares, and so on in the objects within.
func (made *outcome) compare(path string, value reflect.Value) {
	for value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface {
		value = value.Elem()
	}
	fields := value.FieldByName("JSON")
	for name := range fields.FieldByName("ExtraFields").Interface().(map[string]respjson.Field) {
		made.Undeclared = append(made.Undeclared, path+name)
	}
	for index := range value.NumField() {
		field := value.Type().Field(index)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		given := fields.FieldByName(field.Name).Interface().(respjson.Field)
		if given.Raw() == respjson.Omitted {
			made.Missing = append(made.Missing, path+name)
		} else if field.Type.Kind() == reflect.Struct {
			made.compare(path+name+".", value.Field(index))
		}
	}
}

func failureOf(refused *anthropic.Error) *failure {
	var body struct {
		Error struct {
			Message string `json:"message"`
			Details struct {
				Code string `json:"error_code"`
			} `json:"details"`
		} `json:"error"`
	}
	// A body that is not JSON has neither a message nor a code.
	_ = json.Unmarshal([]byte(refused.RawJSON()), &body)
	return &failure{
		Class:      reflect.TypeOf(refused).Elem().Name(),
		Status:     refused.StatusCode,
		Type:       string(refused.Type()),
		Code:       body.Error.Details.Code,
		Message:    body.Error.Message,
		RetryAfter: refused.Response.Header.Get("retry-after"),
		RequestID:  refused.RequestID,
	}
}

func methodsOf(service *anthropic.BetaEnvironmentWorkService) []string {
	methods := reflect.TypeOf(service)
	names := []string{}
	for index := range methods.NumMethod() {
		names = append(names, methods.Method(index).Name)
	}
	return names
}
