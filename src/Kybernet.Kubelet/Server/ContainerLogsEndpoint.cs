using System.Globalization;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Logs;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kybernet.Kubelet.Server;

/// <summary>Answers with a container's log.</summary>
internal sealed class ContainerLogsEndpoint(ContainerFinder finder, PodManager pods, IContainerRuntime runtime, TimeProvider time)
{
    private readonly LogReader _reader = new(time);

    public async Task HandleAsync(HttpContext context, string @namespace, string name, string container)
    {
        var pod = finder.FindPod(@namespace, name);
        ContainerFinder.RequireContainer(pod, container);
        var query = context.Request.Query;
        var request = Parse(query);
        var previous = IsTrue(query, "previous");
        var state = await finder.ReadAsync(pod, context.RequestAborted);
        var record = Choose(pod, container, state, previous);

        context.Response.ContentType = "text/plain";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        if (!File.Exists(record.LogPath))
        {
            throw new KubeletRequestException(StatusCodes.Status404NotFound, $"failed to try resolving symlinks in path \"{record.LogPath}\": no such file or directory");
        }
        // A follower learns at once that he is heard, also before the container writes.
        await context.Response.StartAsync(context.RequestAborted);
        await _reader.CopyAsync(record.LogPath, request, context.Response.Body, token => IsRunningAsync(pod, record, token), context.RequestAborted);
    }

    private static ContainerRecord Choose(Pod pod, string container, PodRuntimeState state, bool previous)
    {
        if (previous)
        {
            // Of one that waits for its next start the newest instance is the previous one.
            var last = state.Newest(container) is { State: ContainerRunState.Exited } ended && state.Previous(container) is null ? ended : state.Previous(container);
            return last ?? throw new KubeletRequestException(
                StatusCodes.Status400BadRequest, $"previous terminated container \"{container}\" in pod \"{pod.Metadata.Name}\" not found");
        }
        if (state.Newest(container) is { State: not ContainerRunState.Created } newest)
        {
            return newest;
        }
        var reason = pod.Status.ContainerStatuses.Concat(pod.Status.InitContainerStatuses)
            .FirstOrDefault(status => status.Name == container)?.State?.Waiting?.Reason ?? "ContainerCreating";
        throw new KubeletRequestException(
            StatusCodes.Status400BadRequest, $"container \"{container}\" in pod \"{pod.Metadata.Name}\" is waiting to start: {reason}");
    }

    private async Task<bool> IsRunningAsync(Pod pod, ContainerRecord record, CancellationToken cancellationToken)
    {
        if (pods.Find(pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "") is null)
        {
            return false;
        }
        var summary = new ContainerSummary(record.Id, record.SandboxId, default, record.Name, 0, record.State, record.CreatedAt);
        return await runtime.FindContainerAsync(summary, cancellationToken) is { State: ContainerRunState.Running };
    }

    private LogRequest Parse(IQueryCollection query) => new()
    {
        Follow = IsTrue(query, "follow"),
        Timestamps = IsTrue(query, "timestamps"),
        TailLines = Number(query, "tailLines"),
        LimitBytes = Number(query, "limitBytes"),
        Since = Since(query),
        Stream = query["stream"].ToString() switch { "Stdout" => "stdout", "Stderr" => "stderr", _ => null },
    };

    private DateTimeOffset? Since(IQueryCollection query)
    {
        if (Number(query, "sinceSeconds") is { } seconds)
        {
            return time.GetUtcNow().AddSeconds(-seconds);
        }
        var text = query["sinceTime"].ToString();
        if (text.Length == 0)
        {
            return null;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
            ? since
            : throw new KubeletRequestException(StatusCodes.Status400BadRequest, $"invalid sinceTime: {text}");
    }

    private static bool IsTrue(IQueryCollection query, string name) => query[name].ToString() is "true" or "1";

    private static long? Number(IQueryCollection query, string name)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new KubeletRequestException(StatusCodes.Status400BadRequest, $"invalid {name}: {text}");
    }
}
