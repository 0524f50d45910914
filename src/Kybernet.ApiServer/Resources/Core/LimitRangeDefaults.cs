using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>What a LimitRange says for containers where it leaves something out.</summary>
internal static class LimitRangeDefaults
{
    /// <summary>The limit is the maximum, the request is the limit, or else the minimum.</summary>
    public static void Apply(JsonObject item)
    {
        foreach (var limit in item.Object("spec")?.Objects("limits") ?? [])
        {
            if (limit.Text("type") != "Container")
            {
                continue;
            }
            Fill(limit, "default", "max");
            Fill(limit, "defaultRequest", "default");
            Fill(limit, "defaultRequest", "min");
        }
    }

    private static void Fill(JsonObject limit, string field, string source)
    {
        foreach (var (name, quantity) in limit.Object(source) ?? [])
        {
            if (quantity is not null && limit.EnsureObject(field)[name] is null)
            {
                limit.EnsureObject(field)[name] = quantity.DeepClone();
            }
        }
    }
}
