using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Kubelet.Pods;

/// <summary>Makes the patch that turns one status of a pod into another, and touches no condition that is not the kubelet's.</summary>
internal static class StatusPatch
{
    /// <summary>The patch; null where the two say the same.</summary>
    /// <param name="uid">The pod's identity: the patch fails where the name has gone to another pod.</param>
    /// <param name="from">What the server has.</param>
    /// <param name="to">What it should have.</param>
    public static Patch? Build(string uid, PodStatus from, PodStatus to)
    {
        var old = ModelJson.ToTree(from);
        var wanted = ModelJson.ToTree(to);
        var changes = new JsonObject();
        foreach (var (name, value) in wanted)
        {
            if (name == "conditions")
            {
                continue;
            }
            if (!JsonNode.DeepEquals(old[name], value))
            {
                changes[name] = name is "podIPs" or "hostIPs" && old[name] is not null ? Replaced(value!.AsArray()) : value?.DeepClone();
            }
        }
        foreach (var (name, _) in old)
        {
            if (name != "conditions" && !wanted.ContainsKey(name))
            {
                changes[name] = null;
            }
        }
        if (Conditions(from.Conditions, to.Conditions) is { Count: > 0 } conditions)
        {
            changes["conditions"] = conditions;
        }
        return changes.Count == 0 ? null : Patch.Strategic(new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = JsonValue.Create(uid) },
            ["status"] = changes,
        });
    }

    // These lists merge by address: without the directive an old address would stay.
    private static JsonArray Replaced(JsonArray list)
    {
        var result = new JsonArray(new JsonObject { ["$patch"] = JsonValue.Create("replace") });
        foreach (var item in list)
        {
            result.Add(item?.DeepClone());
        }
        return result;
    }

    private static JsonArray Conditions(IReadOnlyList<PodCondition> from, IReadOnlyList<PodCondition> to)
    {
        var changes = new JsonArray();
        foreach (var condition in to)
        {
            if (!PodConditionTypes.IsWritten(condition.Type))
            {
                continue;
            }
            var old = from.FirstOrDefault(other => other.Type == condition.Type);
            if (ModelJson.Same(old, condition))
            {
                continue;
            }
            var change = ModelJson.ToTree(condition);
            foreach (var (name, _) in old is null ? [] : ModelJson.ToTree(old))
            {
                if (!change.ContainsKey(name))
                {
                    change[name] = null;
                }
            }
            changes.Add((JsonNode)change);
        }
        foreach (var old in from)
        {
            if (PodConditionTypes.IsOwned(old.Type) && to.All(condition => condition.Type != old.Type))
            {
                changes.Add((JsonNode)new JsonObject { ["$patch"] = JsonValue.Create("delete"), ["type"] = JsonValue.Create(old.Type) });
            }
        }
        return changes;
    }
}
