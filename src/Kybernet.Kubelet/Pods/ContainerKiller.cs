using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Lifecycle;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Pods;

/// <summary>An instance of a container that is to be stopped.</summary>
/// <param name="Pod">Its pod; null where the API server knows it no longer.</param>
/// <param name="Name">The container's name.</param>
/// <param name="Id">The instance.</param>
internal sealed record KillRequest(Pod? Pod, string Name, string Id)
{
    /// <summary>Its spec; null where the API server knows it no longer.</summary>
    public PodContainer? Container { get; init; }

    /// <summary>For the event; empty for the usual one.</summary>
    public string Message { get; init; } = "";

    public string PodAddress { get; init; } = "";

    /// <summary>How long its preStop hook and its end may take together.</summary>
    public required TimeSpan Grace { get; init; }
}

/// <summary>Stops containers as gracefully as their time allows: the preStop hook, then the stop signal, then the kill.</summary>
internal sealed class ContainerKiller(IContainerRuntime runtime, HookRunner hooks, PodEvents events, TimeProvider time)
{
    public const long DefaultGraceSeconds = 30;

    // However long a hook took, the container is told to stop and has a moment to.
    private static readonly TimeSpan MinStop = TimeSpan.FromSeconds(2);

    /// <summary>Stops it; returns when it has ended.</summary>
    public async Task KillAsync(KillRequest request, CancellationToken cancellationToken)
    {
        if (request is { Pod: { } pod, Container: { } container })
        {
            events.Normal(pod, container, "Killing", request.Message.Length > 0 ? request.Message : $"Stopping container {request.Name}");
        }
        var remaining = request.Grace;
        if (request.Container?.Container.Lifecycle?.PreStop is { } hook && remaining > TimeSpan.Zero)
        {
            var began = time.GetTimestamp();
            await PreStopAsync(request, hook, cancellationToken);
            remaining -= time.GetElapsedTime(began);
            remaining = remaining > MinStop ? remaining : MinStop;
        }
        await runtime.StopContainerAsync(request.Id, remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, cancellationToken);
    }

    private async Task PreStopAsync(KillRequest request, LifecycleHandler hook, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(request.Grace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await hooks.RunAsync(hook, request.Container!.Value.Container, request.Id, request.PodAddress, either.Token);
        }
        catch (HookException)
        {
            events.Warning(request.Pod!, request.Container!.Value, "FailedPreStopHook", "PreStopHook failed");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The grace period is over; the container is stopped without waiting for its hook.
        }
    }
}
