using Kybernet.Api.Autoscaling.V2;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Autoscaling;

/// <summary>What an autoscaler looks at: each metric is of one type, and says how much of it there should be.</summary>
internal static class MetricRules
{
    private static readonly string[] Types = ["ContainerResource", "External", "Object", "Pods", "Resource"];

    /// <summary>The object that is scaled, or whose metric it is.</summary>
    public static void Target(CrossVersionObjectReference target, FieldPath path, FieldErrors errors)
    {
        errors.Needs(target.Kind, path, "kind");
        errors.Name(target.Kind, path, "kind", NameRules.PathSegment);
        errors.Needs(target.Name, path, "name");
        errors.Name(target.Name, path, "name", NameRules.PathSegment);
    }

    /// <summary>Says what is wrong with a metric: with its source, and with how many it has.</summary>
    public static void Metric(MetricSpec metric, FieldPath path, FieldErrors errors)
    {
        if (metric.Type.Length == 0)
        {
            errors.Required(path.Child("type"), "must specify a metric source type");
        }
        if (Array.IndexOf(Types, metric.Type) < 0)
        {
            errors.NotSupported(path.Child("type"), metric.Type, Types);
        }
        (string Field, object? Source)[] sources =
        [
            ("object", metric.Object), ("external", metric.External), ("pods", metric.Pods), ("resource", metric.Resource),
            ("containerResource", metric.ContainerResource),
        ];
        var present = sources.Where(source => source.Source is not null).ToArray();
        if (present is [var (field, only), ..])
        {
            Source(only!, path.Child(field), errors);
        }
        var expected = metric.Type.Length == 0 ? "" : char.ToLowerInvariant(metric.Type[0]) + metric.Type[1..];
        if (Array.IndexOf(Types, metric.Type) >= 0 && present.All(source => source.Field != expected))
        {
            errors.Required(path.Child(expected), "must populate information for the given metric source");
        }
        foreach (var source in present.Where(source => present.Length > 1 && source.Field != expected))
        {
            errors.Forbidden(path.Child(source.Field), "must populate the given metric source only");
        }
    }

    private static void Source(object source, FieldPath path, FieldErrors errors)
    {
        switch (source)
        {
            case ObjectMetricSource metric:
                Target(metric.DescribedObject, path.Child("describedObject"), errors);
                Named(metric.Metric, path, errors);
                Amount(metric.Target, path, errors);
                NeedsAmount(metric.Target, path, "must set either a target value or averageValue", errors);
                break;
            case ExternalMetricSource metric:
                Named(metric.Metric, path, errors);
                Amount(metric.Target, path, errors);
                NeedsAmount(metric.Target, path, "must set either a target value for metric or a per-pod target", errors);
                if (metric.Target is { Value: not null, AverageValue: not null })
                {
                    errors.Forbidden(path.Child("target").Child("value"), "may not set both a target value for metric and a per-pod target");
                }
                break;
            case PodsMetricSource metric:
                Named(metric.Metric, path, errors);
                Amount(metric.Target, path, errors);
                if (metric.Target.AverageValue is null)
                {
                    errors.Required(path.Child("target").Child("averageValue"), "must specify a positive target averageValue");
                }
                break;
            case ResourceMetricSource metric:
                Resource(metric.Name, metric.Target, path, errors);
                break;
            case ContainerResourceMetricSource metric:
                if (metric.Container.Length == 0)
                {
                    errors.Required(path.Child("container"), "must specify a container");
                }
                errors.Name(metric.Container, path, "container", NameRules.Label);
                Resource(metric.Name, metric.Target, path, errors);
                break;
        }
    }

    private static void Resource(string name, MetricTarget target, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path.Child("name"), "must specify a resource name");
        }
        else
        {
            ResourceNames.Container(name, path.Child("name"), errors);
        }
        Amount(target, path, errors);
        if (target is { AverageUtilization: null, AverageValue: null })
        {
            errors.Required(path.Child("target").Child("averageUtilization"), "must set either a target raw value or a target utilization");
        }
        if (target is { AverageUtilization: not null, AverageValue: not null })
        {
            errors.Forbidden(path.Child("target").Child("averageValue"), "may not set both a target raw value and a target utilization");
        }
    }

    private static void Named(MetricIdentifier metric, FieldPath source, FieldErrors errors)
    {
        var path = source.Child("metric");
        if (metric.Name.Length == 0)
        {
            errors.Required(path.Child("name"), "must specify a metric name");
        }
        errors.Name(metric.Name, path, "name", NameRules.PathSegment);
        LabelRules.ValidateSelector(metric.Selector, path.Child("selector"), errors);
    }

    private static void NeedsAmount(MetricTarget target, FieldPath source, string detail, FieldErrors errors)
    {
        if (target is { Value: null, AverageValue: null })
        {
            errors.Required(source.Child("target").Child("averageValue"), detail);
        }
    }

    private static void Amount(MetricTarget target, FieldPath source, FieldErrors errors)
    {
        var path = source.Child("target");
        if (target.Type.Length == 0)
        {
            errors.Required(path.Child("type"), "must specify a metric target type");
        }
        if (target.Type is not ("Utilization" or "Value" or "AverageValue"))
        {
            errors.Invalid(path.Child("type"), target.Type, "must be either Utilization, Value, or AverageValue");
        }
        if (target.Value is { Sign: <= 0 } value)
        {
            errors.Invalid(path.Child("value"), value.ToString(), "must be positive");
        }
        if (target.AverageValue is { Sign: <= 0 } average)
        {
            errors.Invalid(path.Child("averageValue"), average.ToString(), "must be positive");
        }
        if (target.AverageUtilization < 1)
        {
            errors.Invalid(path.Child("averageUtilization"), target.AverageUtilization, "must be greater than 0");
        }
    }
}
