using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kybernet.Testing.Faults;

/// <summary>
/// What goes wrong between the cluster and its clients, so that a test sees what its operator does then. The cluster's own controllers are spared, and so is
/// whoever comes over the port of a kubeconfig. A fault lasts until it is disposed of, or has happened as often as it was asked to.
/// </summary>
public sealed class FaultSet
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private Fault[] _faults = []; // replaced whole: requests walk it without the lock

    internal FaultSet(TimeProvider clock) => _clock = clock;

    /// <summary>Has requests fail with a status of the test's choice.</summary>
    /// <param name="which">Which requests.</param>
    /// <param name="statusCode">The HTTP status, as in 500.</param>
    /// <param name="reason">The machine-readable reason, as in <c>InternalError</c>.</param>
    /// <param name="message">What the answer says.</param>
    /// <param name="times">How many of them.</param>
    public Fault Fail(Predicate<TargetRequest> which, int statusCode, string reason, string message = "a fault of the test", int times = int.MaxValue) =>
        Add(new Fault(which, times, Remove)
        {
            Before = async (context, cancellationToken) =>
            {
                await RefuseAsync(context, statusCode, reason, message, cancellationToken);
                return true;
            },
        });

    /// <summary>Has writes fail as if somebody else had changed the object in between: 409.</summary>
    /// <param name="which">Which writes; reads are spared.</param>
    /// <param name="times">How many of them.</param>
    public Fault Conflict(Predicate<TargetRequest> which, int times = 1) => Fail(
        request => request.IsWrite && which(request),
        StatusCodes.Status409Conflict,
        "Conflict",
        "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again",
        times);

    /// <summary>Has watches fail as if their revision were no longer kept: 410, whereupon a client has to list again.</summary>
    /// <param name="which">Which watches.</param>
    /// <param name="times">How many of them.</param>
    public Fault Expire(Predicate<TargetRequest> which, int times = 1) =>
        Fail(request => request.Verb == "watch" && which(request), StatusCodes.Status410Gone, "Expired", "too old resource version", times);

    /// <summary>Has requests wait before they are looked at, by the cluster's clock.</summary>
    /// <param name="which">Which requests.</param>
    /// <param name="delay">How long.</param>
    public Fault Delay(Predicate<TargetRequest> which, TimeSpan delay) => Add(new Fault(which, int.MaxValue, Remove)
    {
        Before = async (_, cancellationToken) =>
        {
            await Task.Delay(delay, _clock, cancellationToken);
            return false;
        },
    });

    /// <summary>Breaks the connections of requests before they are answered; nothing happens on the server.</summary>
    /// <param name="which">Which requests.</param>
    /// <param name="times">How many of them.</param>
    public Fault Disconnect(Predicate<TargetRequest> which, int times = int.MaxValue) => Add(new Fault(which, times, Remove)
    {
        Before = static (context, _) =>
        {
            context.Abort();
            return Task.FromResult(true);
        },
    });

    /// <summary>Breaks the connections of watches instead of sending them their next event.</summary>
    /// <param name="which">Which watches.</param>
    /// <param name="times">How many of them.</param>
    public Fault DropWatch(Predicate<TargetRequest> which, int times = 1) => AddToWatches(which, times, static (_, _, _) =>
        throw new WatchDroppedException());

    /// <summary>Sends the events of watches twice.</summary>
    /// <param name="which">Which watches.</param>
    /// <param name="times">How many events.</param>
    public Fault DuplicateEvents(Predicate<TargetRequest> which, int times = int.MaxValue) => AddToWatches(which, times, static async (line, send, _) =>
    {
        await send(line);
        await send(line);
    });

    /// <summary>Holds the events of watches back until the fault is disposed of: caches get stale, and the operator acts on what was.</summary>
    /// <param name="which">Which watches.</param>
    public Fault HoldEvents(Predicate<TargetRequest> which)
    {
        Fault? held = null;
        return held = AddToWatches(which, int.MaxValue, async (line, send, cancellationToken) =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(held!.Ended, cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            await send(line);
        });
    }

    /// <summary>Ends all faults.</summary>
    public void Clear()
    {
        foreach (var fault in Volatile.Read(ref _faults))
        {
            fault.Dispose();
        }
    }

    internal async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (Volatile.Read(ref _faults).Length == 0 && !IsWatch(context))
        {
            await next(context);
            return;
        }
        var request = TargetRequest.Of(context);
        foreach (var fault in Volatile.Read(ref _faults))
        {
            if (fault.Before is { } before && fault.Concerns(request) && fault.TryHit() && await before(context, context.RequestAborted))
            {
                return;
            }
        }
        if (request.Verb == "watch")
        {
            // A fault may come while the watch is open.
            var body = context.Features.Get<IHttpResponseBodyFeature>()!;
            var events = new WatchEventStream(body.Stream, (line, send) => SendAsync(request, line, send, context));
            context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(events, body));
        }
        try
        {
            await next(context);
        }
        catch (WatchDroppedException)
        {
            context.Abort();
        }
    }

    private static bool IsWatch(HttpContext context) => context.Request.Query.ContainsKey("watch");

    private static async Task RefuseAsync(HttpContext context, int code, string reason, string message, CancellationToken cancellationToken)
    {
        var status = new Status { StatusValue = "Failure", Code = code, Reason = reason, Message = message };
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(ModelJson.ToUtf8(status), cancellationToken);
    }

    private async Task SendAsync(TargetRequest request, ReadOnlyMemory<byte> line, Func<ReadOnlyMemory<byte>, Task> send, HttpContext context)
    {
        foreach (var fault in Volatile.Read(ref _faults))
        {
            if (fault.Event is { } change && fault.Concerns(request) && fault.TryHit())
            {
                await change(line, send, context.RequestAborted);
                return;
            }
        }
        await send(line);
    }

    private Fault AddToWatches(
        Predicate<TargetRequest> which, int times, Func<ReadOnlyMemory<byte>, Func<ReadOnlyMemory<byte>, Task>, CancellationToken, Task> change)
    {
        bool Watches(TargetRequest request) => request.Verb == "watch" && which(request);
        return Add(new Fault(Watches, times, Remove) { Event = change });
    }

    private Fault Add(Fault fault)
    {
        lock (_gate)
        {
            _faults = [.. _faults, fault];
        }
        return fault;
    }

    private void Remove(Fault fault)
    {
        lock (_gate)
        {
            _faults = Array.FindAll(_faults, other => other != fault);
        }
    }
}
