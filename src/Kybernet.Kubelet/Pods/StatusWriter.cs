using System.Threading.Channels;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Microsoft.Extensions.Logging;
using Pod = Kybernet.Api.Core.V1.Pod;

namespace Kybernet.Kubelet.Pods;

/// <summary>
/// Writes pods' statuses to the API server: each change once, the newest only, and again while the server is away. A pod that is to go and of which
/// nothing is left is deleted for good once its last status is written.
/// </summary>
/// <param name="client">The way to the API server.</param>
/// <param name="find">What the API server has of a pod; null where it has nothing of it yet.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it tells what failed.</param>
internal sealed partial class StatusWriter(ApiClient client, Func<Pod, Pod?> find, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Channel<string> _queue = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();

    /// <summary>Puts in a pod's status.</summary>
    /// <param name="pod">The pod as the informer has it.</param>
    /// <param name="status">How it is.</param>
    /// <param name="isGone">Whether nothing of it is left on the node, so that the API server may forget it if it is to be deleted.</param>
    public void Set(Pod pod, PodStatus status, bool isGone)
    {
        var uid = pod.Metadata.Uid ?? "";
        lock (_gate)
        {
            var entry = _entries.TryGetValue(uid, out var known) ? known : new Entry();
            _entries[uid] = entry with { Pod = pod, Status = status, IsGone = isGone };
        }
        _queue.Writer.TryWrite(uid);
    }

    /// <summary>Forgets a pod that the API server has forgotten.</summary>
    public void Forget(string uid)
    {
        lock (_gate)
        {
            _entries.Remove(uid);
        }
    }

    /// <summary>Writes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failed = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            if (failed.Count > 0)
            {
                await Task.Delay(RetryAfter, time, cancellationToken);
                foreach (var uid in failed)
                {
                    _queue.Writer.TryWrite(uid);
                }
                failed.Clear();
            }
            await _queue.Reader.WaitToReadAsync(cancellationToken);
            while (_queue.Reader.TryRead(out var uid))
            {
                if (!await TryWriteAsync(uid, cancellationToken))
                {
                    failed.Add(uid);
                }
            }
        }
    }

    private async Task<bool> TryWriteAsync(string uid, CancellationToken cancellationToken)
    {
        Entry? entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(uid, out entry))
            {
                return true;
            }
        }
        try
        {
            await WriteAsync(uid, entry, cancellationToken);
            return true;
        }
        catch (ApiException exception) when (exception.Code is 404 or 409)
        {
            // Gone, or the name is another pod's by now.
            Forget(uid);
            return true;
        }
        catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
        {
            LogFailed(entry.Pod!.Metadata.Namespace, entry.Pod.Metadata.Name, exception.Message);
            return false;
        }
    }

    private async Task WriteAsync(string uid, Entry entry, CancellationToken cancellationToken)
    {
        if (find(entry.Pod!) is not { } pod)
        {
            return;
        }
        var (@namespace, name) = (pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "");
        // The informer may still show the state before the last write.
        var current = entry.Written is { } last && IsNewer(last, pod) ? last : pod;
        if (StatusPatch.Build(pod.Metadata.Uid!, current.Status, entry.Status!) is { } patch)
        {
            var written = await client.PatchAsync<Pod>(@namespace, name, "status", patch, cancellationToken);
            lock (_gate)
            {
                if (_entries.TryGetValue(uid, out var now))
                {
                    _entries[uid] = now with { Written = written };
                }
            }
        }
        if (entry.IsGone && pod.Metadata.DeletionTimestamp is not null)
        {
            var options = new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = pod.Metadata.Uid } };
            await client.DeleteAsync<Pod>(@namespace, name, options, cancellationToken);
            LogDeleted(@namespace, name);
        }
    }

    private static bool IsNewer(Pod written, Pod seen) =>
        ulong.TryParse(written.Metadata.ResourceVersion, out var own) && ulong.TryParse(seen.Metadata.ResourceVersion, out var theirs) && own > theirs;

    [LoggerMessage(LogLevel.Warning, "The status of pod {Namespace}/{Name} could not be written: {Problem}")]
    private partial void LogFailed(string? @namespace, string? name, string problem);

    [LoggerMessage(LogLevel.Debug, "Pod {Namespace}/{Name} is deleted for good")]
    private partial void LogDeleted(string @namespace, string name);

    private sealed record Entry
    {
        public Pod? Pod { get; init; }

        public PodStatus? Status { get; init; }

        public bool IsGone { get; init; }

        /// <summary>What the server answered to the last write.</summary>
        public Pod? Written { get; init; }
    }
}
