using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>Turns the label keys of affinity terms into what they stand for: the pod's own values of those labels.</summary>
internal static class MatchLabelKeys
{
    /// <summary>Adds to each term's selector what its keys say.</summary>
    public static void Apply(JsonObject affinity, JsonObject? labels)
    {
        foreach (var field in (ReadOnlySpan<string>)["podAffinity", "podAntiAffinity"])
        {
            if (affinity.Object(field) is not { } pods)
            {
                continue;
            }
            foreach (var term in pods.Objects("requiredDuringSchedulingIgnoredDuringExecution"))
            {
                Term(term, labels);
            }
            foreach (var weighted in pods.Objects("preferredDuringSchedulingIgnoredDuringExecution"))
            {
                if (weighted.Object("podAffinityTerm") is { } term)
                {
                    Term(term, labels);
                }
            }
        }
    }

    private static void Term(JsonObject term, JsonObject? labels)
    {
        if (labels is null || term.Object("labelSelector") is not { } selector)
        {
            return;
        }
        Add(selector, term.Array("matchLabelKeys"), "In", labels);
        Add(selector, term.Array("mismatchLabelKeys"), "NotIn", labels);
    }

    private static void Add(JsonObject selector, JsonArray? keys, string operation, JsonObject labels)
    {
        foreach (var item in keys ?? [])
        {
            if (item is not JsonValue value || !value.TryGetValue<string>(out var key) || labels.Text(key) is not { } label)
            {
                continue;
            }
            if (selector.Array("matchExpressions") is not { } expressions)
            {
                selector["matchExpressions"] = expressions = [];
            }
            expressions.Add((JsonNode)new JsonObject
            {
                ["key"] = JsonValue.Create(key),
                ["operator"] = JsonValue.Create(operation),
                ["values"] = new JsonArray(JsonValue.Create(label)),
            });
        }
    }
}
