using System.Globalization;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Events;

/// <summary>How events of either group are shown.</summary>
internal static class EventTable
{
    public static TableDefinition Definition { get; } = new TableBuilder<Event>(EventForms.Read, static item => item.Metadata)
        .Elapsed("Last Seen", "When it happened last.", static item => (item.Series is { } series ? series.LastObservedTime : item.LastTimestamp) ?? First(item))
        .Text("Type", "Normal or Warning.", static item => item.Type)
        .Text("Reason", "Why, in one word.", static item => item.Reason)
        .Text("Object", "What it happened to.", About)
        .Text("Subobject", "Which part of the object.", static item => item.InvolvedObject.FieldPath ?? "", wide: true)
        .Text("Source", "Who reports it.", Source, wide: true)
        .Text("Message", "What happened.", static item => (item.Message ?? "").Trim())
        .Elapsed("First Seen", "When it happened first.", First, wide: true)
        .Text("Count", "How often it happened.", Count, wide: true)
        .Name(wide: true)
        .Build();

    private static DateTimeOffset? First(Event item) => item.FirstTimestamp ?? item.EventTime;

    private static string Count(Event item)
    {
        var count = (item.Series is { } series ? series.Count : item.Count) ?? 0;
        return Math.Max(count, 1).ToString(CultureInfo.InvariantCulture);
    }

    private static string About(Event item)
    {
        var kind = (item.InvolvedObject.Kind ?? "").ToLowerInvariant();
        return string.IsNullOrEmpty(item.InvolvedObject.Name) ? kind : $"{kind}/{item.InvolvedObject.Name}";
    }

    private static string Source(Event item)
    {
        var component = item.Source?.Component is { Length: > 0 } own ? own : item.ReportingComponent ?? "";
        var host = item.Source?.Host is { Length: > 0 } node ? node : item.ReportingInstance ?? "";
        return host.Length == 0 ? component : $"{component}, {host}";
    }
}
