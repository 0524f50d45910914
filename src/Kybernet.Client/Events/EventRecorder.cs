using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Microsoft.Extensions.Logging;

namespace Kybernet.Client;

/// <summary>Writes events to the API server, in the order they were recorded, correlated as client-go does. <see cref="RunAsync"/> does the writing.</summary>
/// <param name="client">Where to.</param>
/// <param name="component">Who tells, as in <c>deployment-controller</c>.</param>
/// <param name="host">On which node; empty where that does not matter.</param>
/// <param name="time">Dates the events.</param>
/// <param name="logger">Is told what got lost.</param>
public sealed partial class EventRecorder(ApiClient client, string component, string host, TimeProvider time, ILogger logger) : IEventRecorder
{
    private const int Capacity = 1000;
    private const int MaxTries = 12;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    // Full: the server has been away for long, or someone tells the same over and over. The newest are lost, as upstream's are.
    private readonly Channel<Event> _events = Channel.CreateBounded<Event>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly EventCorrelator _correlator = new(time);
    private long _lastStamp;

    /// <inheritdoc/>
    public void Record(ObjectReference involved, string type, string reason, string message)
    {
        var now = time.GetUtcNow();
        var made = new Event
        {
            Metadata = new ObjectMeta
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"{involved.Name}.{NextStamp(now):x}"),
                Namespace = string.IsNullOrEmpty(involved.Namespace) ? "default" : involved.Namespace,
            },
            InvolvedObject = involved,
            Type = type,
            Reason = reason,
            Message = message,
            FirstTimestamp = now,
            LastTimestamp = now,
            Count = 1,
            Source = new EventSource { Component = component, Host = host.Length == 0 ? null : host },
            ReportingComponent = component,
            ReportingInstance = host,
        };
        if (!_events.Writer.TryWrite(made))
        {
            LogFull(reason, involved.Kind, involved.Namespace, involved.Name);
        }
    }

    /// <summary>Writes what is recorded until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var candidate in _events.Reader.ReadAllAsync(cancellationToken))
        {
            if (_correlator.Correlate(candidate) is { } correlated)
            {
                await WriteWithRetriesAsync(correlated, cancellationToken);
            }
        }
    }

    /// <summary>Nanoseconds since 1970, different for each event: the part of its name that tells it from the object's others.</summary>
    private long NextStamp(DateTimeOffset now)
    {
        var wanted = (now - DateTimeOffset.UnixEpoch).Ticks * 100;
        while (true)
        {
            var last = Interlocked.Read(ref _lastStamp);
            var next = Math.Max(wanted, last + 1);
            if (Interlocked.CompareExchange(ref _lastStamp, next, last) == last)
            {
                return next;
            }
        }
    }

    private async Task WriteWithRetriesAsync(EventCorrelator.Correlated correlated, CancellationToken cancellationToken)
    {
        var involved = correlated.Event.InvolvedObject;
        for (var tries = 1; ; tries++)
        {
            try
            {
                _correlator.Written(correlated.Key, await WriteAsync(correlated, cancellationToken));
                return;
            }
            catch (ApiUnavailableException exception) when (tries < MaxTries)
            {
                LogUnavailable(exception.Message, tries);
                await Task.Delay(RetryAfter * (tries == 1 ? Random.Shared.NextDouble() : 1), time, cancellationToken);
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                LogRefused(exception.Message, correlated.Event.Reason, involved.Namespace, involved.Name);
                return;
            }
        }
    }

    private async Task<Event> WriteAsync(EventCorrelator.Correlated correlated, CancellationToken cancellationToken)
    {
        var made = correlated.Event;
        if (correlated.IsCounted)
        {
            var patch = Patch.Strategic(new JsonObject
            {
                ["count"] = made.Count,
                ["lastTimestamp"] = made.LastTimestamp!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["message"] = made.Message,
            });
            try
            {
                return await client.PatchAsync<Event>(made.Metadata.Namespace!, made.Metadata.Name!, "", patch, cancellationToken);
            }
            catch (ApiException exception) when (exception.IsNotFound)
            {
                // It lived its hour; the next one begins here.
            }
        }
        return await client.CreateAsync(made, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Event {Reason} of {Kind} {Namespace}/{Name} is lost: too many wait to be written")]
    private partial void LogFull(string reason, string? kind, string? @namespace, string? name);

    [LoggerMessage(LogLevel.Warning, "Event {Reason} of {Namespace}/{Name} is lost: {Problem}")]
    private partial void LogRefused(string problem, string? reason, string? @namespace, string? name);

    [LoggerMessage(LogLevel.Debug, "An event could not be written, try {Tries}: {Problem}")]
    private partial void LogUnavailable(string problem, int tries);
}
