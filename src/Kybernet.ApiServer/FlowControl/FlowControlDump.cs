using System.Globalization;
using System.Text;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>The debugging pages of flow control: <c>kubectl get --raw /debug/api_priority_and_fairness/dump_priority_levels</c>.</summary>
internal sealed class FlowControlDump(PriorityAndFairness control, TimeProvider time) : IPathHandler
{
    private const string Prefix = "/debug/api_priority_and_fairness/dump_";

    /// <inheritdoc/>
    public bool Handles(string path) => path is Prefix + "priority_levels" or Prefix + "queues" or Prefix + "requests";

    /// <inheritdoc/>
    public ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var levels = control.Levels.OrderBy(static level => level.Name, StringComparer.Ordinal);
        var rows = request.Path[Prefix.Length..] switch
        {
            "priority_levels" => levels.Select(LevelRow).Prepend(
                ["PriorityLevelName", "ActiveQueues", "IsIdle", "IsQuiescing", "WaitingRequests", "ExecutingRequests", "DispatchedRequests", "RejectedRequests", "TimedoutRequests", "CancelledRequests"]),
            "queues" => levels.SelectMany(QueueRows).Prepend(
                ["PriorityLevelName", "Index", "PendingRequests", "ExecutingRequests", "SeatsInUse", "NextDispatchR", "InitialSeatsSum"]),
            _ => levels.SelectMany(RequestRows).Prepend(["PriorityLevelName", "FlowSchemaName", "QueueIndex", "RequestIndexInQueue", "FlowDistingsherHash", "ArriveTime", "InitialSeats"]),
        };
        return new(BodyResponse.Text(200, Align([.. rows])));
    }

    private static string[] LevelRow(PriorityLevel level)
    {
        var state = level.Look();
        var counts = level.Counts;
        return
        [
            level.Name,
            Text(state.Queues.Count(static queue => queue.Waiting + queue.HeldSeats > 0)),
            state.Executing + state.Waiting == 0 ? "true" : "false",
            "false",
            Text(state.Waiting),
            Text(state.Executing),
            Text(counts.Sum(static schema => schema.Dispatched)),
            Text(counts.Sum(static schema => schema.Refused(Refusal.ConcurrencyLimit) + schema.Refused(Refusal.QueueFull))),
            Text(counts.Sum(static schema => schema.Refused(Refusal.TimeOut))),
            Text(counts.Sum(static schema => schema.Refused(Refusal.Cancelled))),
        ];
    }

    private static IEnumerable<string[]> QueueRows(PriorityLevel level) => level.Look().Queues.Select((queue, index) => new[]
    {
        level.Name, Text(index), Text(queue.Waiting), Text(queue.HeldSeats), Text(queue.HeldSeats), queue.VirtualStart.ToString("F8", CultureInfo.InvariantCulture) + "ss", Text(queue.WaitingSeats),
    });

    private IEnumerable<string[]> RequestRows(PriorityLevel level) => level.Look().Queues.SelectMany((queue, index) => queue.Requests.Select((request, place) => new[]
    {
        level.Name,
        request.Schema,
        Text(index),
        Text(place),
        request.Flow.ToString(CultureInfo.InvariantCulture),
        (time.GetUtcNow() - time.GetElapsedTime(request.Arrived)).ToString("O", CultureInfo.InvariantCulture),
        Text(request.Seats),
    }));

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Align(List<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length) + 2).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            for (var column = 0; column < row.Length - 1; column++)
            {
                text.Append((row[column] + ",").PadRight(widths[column]));
            }
            text.Append(row[^1]).Append('\n');
        }
        return text.ToString();
    }
}
