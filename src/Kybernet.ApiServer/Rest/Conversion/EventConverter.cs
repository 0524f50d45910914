using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Rest.Conversion;

/// <summary><c>events.k8s.io/v1</c> events, which are stored as <c>v1</c> events: the same fields under other names (KEP-383).</summary>
internal sealed class EventConverter : IVersionConverter
{
    private static readonly (string Served, string Stored)[] Names =
    [
        ("reportingController", "reportingComponent"),
        ("regarding", "involvedObject"),
        ("note", "message"),
        ("deprecatedSource", "source"),
        ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"),
        ("deprecatedCount", "count"),
    ];

    /// <inheritdoc/>
    public void ToStorage(JsonObject item)
    {
        item["apiVersion"] = "v1";
        foreach (var (served, stored) in Names)
        {
            Rename(item, served, stored);
        }
        item["involvedObject"] ??= new JsonObject(); // required in the stored version
    }

    /// <inheritdoc/>
    public void FromStorage(JsonObject item)
    {
        item["apiVersion"] = "events.k8s.io/v1";
        foreach (var (served, stored) in Names)
        {
            Rename(item, stored, served);
        }
    }

    private static void Rename(JsonObject item, string from, string to)
    {
        if (item.Remove(from, out var value) && value is not null)
        {
            item[to] = value;
        }
    }
}
