using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Microsoft.Extensions.Logging;
using Event = Kybernet.Api.Events.V1.Event;

namespace Kybernet.Scheduler.Hosting;

/// <summary>
/// Writes events to <c>events.k8s.io/v1</c>. What happens to the same pod again within six minutes is no further event but makes the first a series.
/// Never fails and never waits: what cannot be written is logged and lost.
/// </summary>
internal sealed partial class EventWriter(ApiClient client, string instance, TimeProvider time, ILogger logger)
{
    private const int Capacity = 16_384;
    private static readonly TimeSpan SeriesEnd = TimeSpan.FromMinutes(6);

    private readonly record struct Sameness(string Controller, string Uid, string Related, string Type, string Reason, string Action, string Note);

    private sealed class Series(string @namespace, string name, DateTimeOffset begun)
    {
        public string Namespace { get; } = @namespace;

        public string Name { get; } = name;

        public int Count { get; set; } = 1;

        public DateTimeOffset Last { get; set; } = begun;
    }

    private readonly record struct Happened(string Controller, Pod Regarding, Pod? Related, string Type, string Reason, string Action, string Note, DateTimeOffset At);

    private readonly Channel<Happened> _channel = Channel.CreateBounded<Happened>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Dictionary<Sameness, Series> _series = [];
    private long _lastStamp;
    private DateTimeOffset _lastSweep;

    /// <summary>Records an event.</summary>
    public void Record(string controller, Pod regarding, Pod? related, string type, string reason, string action, string note)
    {
        if (!_channel.Writer.TryWrite(new Happened(controller, regarding, related, type, reason, action, note, time.GetUtcNow())))
        {
            LogFull(reason, regarding.Metadata.Namespace, regarding.Metadata.Name);
        }
    }

    /// <summary>Writes what is recorded until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var happened in _channel.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await WriteAsync(happened, cancellationToken);
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                LogLost(exception.Message, happened.Reason, happened.Regarding.Metadata.Namespace, happened.Regarding.Metadata.Name);
            }
        }
    }

    private async Task WriteAsync(Happened happened, CancellationToken cancellationToken)
    {
        Sweep(happened.At);
        var key = new Sameness(
            happened.Controller,
            happened.Regarding.Metadata.Uid ?? "",
            happened.Related?.Metadata.Uid ?? "",
            happened.Type,
            happened.Reason,
            happened.Action,
            happened.Note);
        if (_series.TryGetValue(key, out var series) && happened.At - series.Last < SeriesEnd)
        {
            series.Count++;
            series.Last = happened.At;
            if (await TryExtendAsync(series, cancellationToken))
            {
                return;
            }
        }
        var made = Make(happened);
        await client.CreateAsync(made, cancellationToken);
        if (happened.Type == EventType.Warning)
        {
            // What went well happens once to a pod: remembering it would only cost memory.
            _series[key] = new Series(made.Metadata.Namespace!, made.Metadata.Name!, happened.At);
        }
    }

    private async Task<bool> TryExtendAsync(Series series, CancellationToken cancellationToken)
    {
        var patch = Patch.Strategic(new JsonObject
        {
            ["series"] = new JsonObject
            {
                ["count"] = JsonValue.Create(series.Count),
                ["lastObservedTime"] = JsonValue.Create(series.Last.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)),
            },
        });
        try
        {
            await client.PatchAsync<Event>(series.Namespace, series.Name, "", patch, cancellationToken);
            return true;
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            return false; // it lived its hour
        }
    }

    private Event Make(Happened happened)
    {
        var regarding = ReferenceTo(happened.Regarding);
        return new Event
        {
            Metadata = new ObjectMeta
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"{regarding.Name}.{NextStamp(happened.At):x}"),
                Namespace = string.IsNullOrEmpty(regarding.Namespace) ? "default" : regarding.Namespace,
            },
            EventTime = happened.At,
            ReportingController = happened.Controller,
            ReportingInstance = $"{happened.Controller}-{instance}",
            Action = happened.Action,
            Reason = happened.Reason,
            Regarding = regarding,
            Related = happened.Related is null ? null : ReferenceTo(happened.Related),
            Note = happened.Note,
            Type = happened.Type,
        };
    }

    private static ObjectReference ReferenceTo(Pod pod) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Namespace = pod.Metadata.Namespace,
        Name = pod.Metadata.Name,
        Uid = pod.Metadata.Uid,
        ResourceVersion = pod.Metadata.ResourceVersion,
    };

    /// <summary>Nanoseconds since 1970, different for each event: the part of its name that tells it from the pod's others.</summary>
    private long NextStamp(DateTimeOffset at) => _lastStamp = Math.Max((at - DateTimeOffset.UnixEpoch).Ticks * 100, _lastStamp + 1);

    private void Sweep(DateTimeOffset now)
    {
        if (now - _lastSweep < SeriesEnd)
        {
            return;
        }
        _lastSweep = now;
        foreach (var (key, series) in _series)
        {
            if (now - series.Last >= SeriesEnd)
            {
                _series.Remove(key);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Event {Reason} of {Namespace}/{Name} is lost: too many wait to be written")]
    private partial void LogFull(string reason, string? @namespace, string? name);

    [LoggerMessage(LogLevel.Warning, "Event {Reason} of {Namespace}/{Name} is lost: {Problem}")]
    private partial void LogLost(string problem, string reason, string? @namespace, string? name);
}
