using System.Globalization;
using System.Text;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>Writes what flow control counts in Prometheus' text format, under upstream's names.</summary>
internal static class FlowControlMetrics
{
    private static readonly (Refusal Reason, string Name)[] Reasons =
    [
        (Refusal.ConcurrencyLimit, "concurrency-limit"), (Refusal.QueueFull, "queue-full"), (Refusal.TimeOut, "time-out"), (Refusal.Cancelled, "cancelled"),
    ];

    /// <summary>Writes all of it.</summary>
    public static void WriteTo(StringBuilder text, IReadOnlyList<PriorityLevel> levels)
    {
        OfLevels(text, "nominal_limit_seats", "Seats of a level where none are lent.", levels, static level => level.Settings.Nominal);
        OfLevels(text, "lower_limit_seats", "Seats of a level that lends all that it may.", levels, static level => level.Settings.Lower);
        OfLevels(text, "upper_limit_seats", "Seats of a level that borrows all that it may.", levels, static level => level.Settings.Upper);
        OfLevels(text, "current_limit_seats", "Seats of a level now.", levels, static level => level.Limit);
        OfLevels(text, "current_executing_seats", "Seats of a level that are held.", levels, static level => level.Look().HeldSeats);
        OfSchemas(text, "current_inqueue_requests", "gauge", "Requests that wait.", levels, static counts => counts.Waiting);
        OfSchemas(text, "current_executing_requests", "gauge", "Requests that go on.", levels, static counts => counts.Executing);
        OfSchemas(text, "dispatched_requests_total", "counter", "Requests that have gone on.", levels, static counts => counts.Dispatched);
        Header(text, "rejected_requests_total", "counter", "Requests that were turned away.");
        foreach (var (level, schema, counts) in All(levels))
        {
            foreach (var (reason, name) in Reasons)
            {
                if (counts.Refused(reason) is > 0 and var count)
                {
                    text.Append(
                        CultureInfo.InvariantCulture,
                        $"apiserver_flowcontrol_rejected_requests_total{{flow_schema=\"{schema}\",priority_level=\"{level}\",reason=\"{name}\"}} {count}\n");
                }
            }
        }
        OfSchemas(text, "request_wait_seconds_total", "counter", "How long requests that went on have waited.", levels, static counts => counts.WaitedSeconds);
    }

    private static IEnumerable<(string Level, string Schema, SchemaCounts Counts)> All(IReadOnlyList<PriorityLevel> levels) =>
        levels.SelectMany(static level => level.Counts.Schemas.Select(schema => (level.Name, schema.Key, schema.Value)));

    private static void OfLevels(StringBuilder text, string name, string help, IReadOnlyList<PriorityLevel> levels, Func<PriorityLevel, int> value)
    {
        Header(text, name, "gauge", help);
        foreach (var level in levels)
        {
            text.Append(CultureInfo.InvariantCulture, $"apiserver_flowcontrol_{name}{{priority_level=\"{level.Name}\"}} {value(level)}\n");
        }
    }

    private static void OfSchemas(StringBuilder text, string name, string type, string help, IReadOnlyList<PriorityLevel> levels, Func<SchemaCounts, double> value)
    {
        Header(text, name, type, help);
        foreach (var (level, schema, counts) in All(levels))
        {
            text.Append(CultureInfo.InvariantCulture, $"apiserver_flowcontrol_{name}{{flow_schema=\"{schema}\",priority_level=\"{level}\"}} {value(counts)}\n");
        }
    }

    private static void Header(StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP apiserver_flowcontrol_{name} {help}\n# TYPE apiserver_flowcontrol_{name} {type}\n");
}
