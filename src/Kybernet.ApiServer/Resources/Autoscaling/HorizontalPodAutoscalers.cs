using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Autoscaling.V2;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Autoscaling;

/// <summary>HorizontalPodAutoscalers, in either version.</summary>
internal static class HorizontalPodAutoscalers
{
    private const int LongestWindow = 3600;
    private const int LongestPeriod = 1800;
    private const int DefaultPeriod = 15;

    private static readonly FieldPath Spec = FieldPath.Of("spec");

    /// <summary>Where anything is said of how it scales, the rest of it becomes visible too: up by four pods or as many again, down to nothing, every 15 seconds.</summary>
    public static void Default(JsonObject item)
    {
        if (item.Object("spec")?.Object("behavior") is { } behavior)
        {
            var up = behavior.EnsureObject("scaleUp");
            up.Fill("stabilizationWindowSeconds", 0);
            FillRules(up, ("Pods", 4), ("Percent", 100));
            FillRules(behavior.EnsureObject("scaleDown"), ("Percent", 100));
        }
    }

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<HorizontalPodAutoscaler>().Spec;
        if (spec.MinReplicas is < 1)
        {
            errors.Invalid(Spec.Child("minReplicas"), spec.MinReplicas, "must be greater than or equal to 1");
        }
        if (spec.MaxReplicas < 1)
        {
            errors.Invalid(Spec.Child("maxReplicas"), spec.MaxReplicas, "must be greater than 0");
        }
        if (spec.MinReplicas > spec.MaxReplicas)
        {
            errors.Invalid(Spec.Child("maxReplicas"), spec.MaxReplicas, "must be greater than or equal to `minReplicas`");
        }
        MetricRules.Target(spec.ScaleTargetRef, Spec.Child("scaleTargetRef"), errors);
        for (var i = 0; i < spec.Metrics.Count; i++)
        {
            MetricRules.Metric(spec.Metrics[i], Spec.Child("metrics").Index(i), errors);
        }
        Scaling(spec.Behavior?.ScaleUp, Spec.Child("behavior").Child("scaleUp"), errors);
        Scaling(spec.Behavior?.ScaleDown, Spec.Child("behavior").Child("scaleDown"), errors);
    }

    public static void ValidateStatus(EncodedObject item, FieldErrors errors)
    {
        var status = item.As<HorizontalPodAutoscaler>().Status;
        errors.NonNegative(status.CurrentReplicas, FieldPath.Of("status"), "currentReplicas");
        errors.NonNegative(status.DesiredReplicas, FieldPath.Of("status"), "desiredReplicas");
    }

    private static void FillRules(JsonObject rules, params ReadOnlySpan<(string Type, int Value)> policies)
    {
        rules.Fill("selectPolicy", "Max");
        if (rules["policies"] is not null)
        {
            return;
        }
        var list = new JsonArray();
        foreach (var (type, value) in policies)
        {
            list.Add((JsonNode)new JsonObject { ["type"] = type, ["value"] = value, ["periodSeconds"] = DefaultPeriod });
        }
        rules["policies"] = list;
    }

    private static void Scaling(HPAScalingRules? rules, FieldPath path, FieldErrors errors)
    {
        if (rules is null)
        {
            return;
        }
        if (rules.StabilizationWindowSeconds is { } window and (< 0 or > LongestWindow))
        {
            errors.Invalid(path.Child("stabilizationWindowSeconds"), window,
                window < 0 ? "must be greater than or equal to zero" : $"must be less than or equal to {LongestWindow}");
        }
        errors.OneOf(rules.SelectPolicy, path, "selectPolicy", ["Disabled", "Max", "Min"]);
        errors.NonNegative(rules.Tolerance, path.Child("tolerance"));
        if (rules.Policies.Count == 0)
        {
            errors.Required(path.Child("policies"), "must specify at least one Policy");
        }
        for (var i = 0; i < rules.Policies.Count; i++)
        {
            Policy(rules.Policies[i], path.Child("policies").Index(i), errors);
        }
    }

    private static void Policy(HPAScalingPolicy policy, FieldPath path, FieldErrors errors)
    {
        if (policy.Type is not ("Percent" or "Pods"))
        {
            errors.NotSupported(path.Child("type"), policy.Type, ["Percent", "Pods"]);
        }
        if (policy.Value <= 0)
        {
            errors.Invalid(path.Child("value"), policy.Value, FieldRules.NotPositive);
        }
        if (policy.PeriodSeconds is <= 0 or > LongestPeriod)
        {
            errors.Invalid(path.Child("periodSeconds"), policy.PeriodSeconds,
                policy.PeriodSeconds <= 0 ? FieldRules.NotPositive : $"must be less than or equal to {LongestPeriod}");
        }
    }
}
