using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>LimitRanges: for each type of thing the bounds and the defaults of a resource must fit together.</summary>
internal static class LimitRanges
{
    private static readonly FieldPath Limits = FieldPath.Of("spec").Child("limits");

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var limits = item.As<LimitRange>().Spec.Limits;
        for (var i = 0; i < limits.Count; i++)
        {
            var (limit, path) = (limits[i], Limits.Index(i));
            Type(limit.Type, path.Child("type"), errors);
            if (limits.Take(i).Any(other => other.Type == limit.Type))
            {
                errors.Duplicate(path.Child("type"), limit.Type);
            }
            Names(limit, path, errors);
            foreach (var resource in AllOf(limit))
            {
                Order(limit, resource, path, errors);
            }
        }
    }

    private static IEnumerable<string> AllOf(LimitRangeItem limit) => limit.Max.Keys.Union(limit.Min.Keys).Union(limit.Default.Keys)
        .Union(limit.DefaultRequest.Keys).Union(limit.MaxLimitRequestRatio.Keys).Order(StringComparer.Ordinal);

    private static void Type(string type, FieldPath path, FieldErrors errors)
    {
        var problems = LabelRules.QualifiedName(type);
        errors.Invalid(path, type, problems);
        if (problems.Count == 0 && !type.Contains('/') && type is not ("Pod" or "Container" or "PersistentVolumeClaim"))
        {
            errors.Invalid(path, type, "must be a standard limit type or fully qualified");
        }
    }

    private static void Names(LimitRangeItem limit, FieldPath path, FieldErrors errors)
    {
        var isPod = limit.Type == "Pod";
        (string Field, IReadOnlyDictionary<string, Quantity> Quantities, bool IsOfPods)[] lists =
        [
            ("max", limit.Max, true), ("min", limit.Min, true), ("default", limit.Default, false),
            ("defaultRequest", limit.DefaultRequest, false), ("maxLimitRequestRatio", limit.MaxLimitRequestRatio, true),
        ];
        foreach (var (field, quantities, isOfPods) in lists)
        {
            if (isPod && !isOfPods && quantities.Count > 0)
            {
                errors.Forbidden(path.Child(field), "may not be specified when `type` is 'Pod'");
                continue;
            }
            foreach (var name in quantities.Keys)
            {
                if (isPod || limit.Type == "Container")
                {
                    ResourceNames.Container(name, path.Child(field).Key(name), errors);
                }
                else
                {
                    ResourceNames.Any(name, path.Child(field).Key(name), errors);
                }
            }
        }
        if (limit.Type == "PersistentVolumeClaim" && !limit.Min.ContainsKey("storage") && !limit.Max.ContainsKey("storage"))
        {
            errors.Required(path.Child("limits"), "either minimum or maximum storage value is required, but neither was provided");
        }
    }

    private static void Order(LimitRangeItem limit, string name, FieldPath path, FieldErrors errors)
    {
        Quantity? Of(IReadOnlyDictionary<string, Quantity> list) => list.TryGetValue(name, out var quantity) ? quantity : null;
        var (min, max, ratio) = (Of(limit.Min), Of(limit.Max), Of(limit.MaxLimitRequestRatio));
        var (standard, request) = limit.Type == "Pod" ? (null, null) : (Of(limit.Default), Of(limit.DefaultRequest));
        (bool IsWrong, string Field, Quantity? Value, string Detail)[] rules =
        [
            (min > max, "min", min, $"min value {min} is greater than max value {max}"),
            (min > request, "defaultRequest", request, $"min value {min} is greater than default request value {request}"),
            (request > max, "defaultRequest", request, $"default request value {request} is greater than max value {max}"),
            (request > standard, "defaultRequest", request, $"default request value {request} is greater than default limit value {standard}"),
            (min > standard, "default", min, $"min value {min} is greater than default value {standard}"),
            (standard > max, "default", max, $"default value {standard} is greater than max value {max}"),
            (ratio < new Quantity(1), "maxLimitRequestRatio", ratio, $"ratio {ratio} is less than 1"),
            (!ResourceNames.IsOvercommitAllowed(name) && standard is { } whole && request is { } asked && whole != asked, "defaultRequest", request,
                $"default value {standard} must equal to defaultRequest value {request} in {name}"),
        ];
        foreach (var (_, field, value, detail) in rules.Where(rule => rule.IsWrong))
        {
            errors.Invalid(path.Child(field).Key(name), value?.ToString(), detail);
        }
        if (ratio is { } most && min is { Sign: > 0 } low && max is { } high && most.ToDouble() > high.ToDouble() / low.ToDouble())
        {
            errors.Invalid(path.Child("maxLimitRequestRatio").Key(name), most.ToString(),
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"ratio {most} is greater than max/min = {high.ToDouble() / low.ToDouble():F6}"));
        }
    }
}
