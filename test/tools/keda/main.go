// KEDA's own scalers and fallback, as a library, for a ScaledObject of deploy/autoscaling: what KEDA asks the HPA for.
//
// Arguments: the file, the address that its trigger asks instead of its own, how many replicas run, how often to ask.
// A line of JSON for each time. Nothing of a cluster is needed: a fake client holds the Deployment.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	"github.com/kedacore/keda/v2/pkg/fallback"
	"github.com/kedacore/keda/v2/pkg/scalers"
	"github.com/kedacore/keda/v2/pkg/scalers/scalersconfig"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/yaml"
)

// What KEDA makes of one look.
type look struct {
	// What the scaler says, without the fallback.
	Error  string `json:"error,omitempty"`
	Active bool   `json:"active"`
	// How many replicas KEDA's metric stands for; absent when KEDA answers with an error.
	Replicas *float64 `json:"replicas,omitempty"`
	Fallback bool     `json:"fallback"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("needs FILE ADDRESS REPLICAS TIMES")
	}
	replicas, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	times, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	scaledObject, err := read(args[0])
	if err != nil {
		return err
	}
	scaler, err := newScaler(scaledObject.Spec.Triggers[0], args[1])
	if err != nil {
		return err
	}
	handler, err := fallbackHandler(scaledObject, int32(replicas))
	if err != nil {
		return err
	}
	for range times {
		line, err := json.Marshal(ask(scaler, handler))
		if err != nil {
			return err
		}
		fmt.Println(string(line))
	}
	return nil
}

func read(path string) (*v1alpha1.ScaledObject, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	scaledObject := &v1alpha1.ScaledObject{}
	return scaledObject, yaml.UnmarshalStrict(text, scaledObject)
}

func newScaler(trigger v1alpha1.ScaleTriggers, address string) (scalers.Scaler, error) {
	config := &scalersconfig.ScalerConfig{
		TriggerMetadata:   trigger.Metadata,
		MetricType:        trigger.MetricType,
		GlobalHTTPTimeout: 3 * time.Second,
	}
	switch trigger.Type {
	case "metrics-api":
		asked, err := url.Parse(trigger.Metadata["url"])
		if err != nil {
			return nil, err
		}
		config.TriggerMetadata["url"] = address + asked.Path
		return scalers.NewMetricsAPIScaler(config, nil)
	case "prometheus":
		config.TriggerMetadata["serverAddress"] = address
		return scalers.NewPrometheusScaler(config)
	}
	return nil, fmt.Errorf("no trigger of type %s is known here", trigger.Type)
}

// The handler as the operator makes it, over a Deployment with so many replicas.
func fallbackHandler(scaledObject *v1alpha1.ScaledObject, replicas int32) (fallback.ScaledObjectHandler, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{appsv1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return fallback.ScaledObjectHandler{}, err
		}
	}
	scaledObject.Status.ScaleTargetGVKR = &v1alpha1.GroupVersionKindResource{
		Group: "apps", Version: "v1", Kind: "Deployment", Resource: "deployments",
	}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: scaledObject.Spec.ScaleTargetRef.Name, Namespace: scaledObject.Namespace},
		Spec:       appsv1.DeploymentSpec{Replicas: &replicas},
	}
	client := fake.NewClientBuilder().WithScheme(scheme).WithObjects(deployment, scaledObject).
		WithStatusSubresource(scaledObject).Build()
	return fallback.ScaledObjectHandler{
		Ctx: context.Background(), KubeClient: client, UpdateLock: &sync.RWMutex{}, ScaledObject: scaledObject,
	}, nil
}

func ask(scaler scalers.Scaler, handler fallback.ScaledObjectHandler) look {
	spec := scaler.GetMetricSpecForScaling(handler.Ctx)[0]
	name := spec.External.Metric.Name
	values, active, scalerErr := scaler.GetMetricsAndActivity(handler.Ctx, name)
	seen := look{Active: active}
	if scalerErr != nil {
		seen.Error = scalerErr.Error()
	}
	values, isFallback, err := fallback.GetMetricsWithFallback(handler, values, scalerErr, name, spec)
	seen.Fallback = isFallback
	if err == nil {
		wanted := values[0].Value.AsApproximateFloat64() / spec.External.Target.AverageValue.AsApproximateFloat64()
		seen.Replicas = &wanted
	}
	return seen
}
