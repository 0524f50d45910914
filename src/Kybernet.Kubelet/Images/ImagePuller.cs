using System.Collections.Concurrent;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Runtime.Cri;

namespace Kybernet.Kubelet.Images;

/// <summary>Sees to it that the node has the image of a container or volume, as its pull policy wants it.</summary>
internal sealed class ImagePuller(IContainerRuntime runtime, RegistryLogin login, PodEvents events, KubeletOptions options, TimeProvider time)
{
    private readonly StartBackOff _backOff = new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5), time);
    private readonly ConcurrentDictionary<string, string> _lastProblems = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _slots = new(options.MaxParallelImagePulls);

    /// <summary>The image, pulled if need be.</summary>
    /// <exception cref="ContainerStartException">The node does not have it and cannot get it.</exception>
    public async Task<ImageRecord> EnsureAsync(ImageRequest request, PodSandboxConfig sandbox, CancellationToken cancellationToken)
    {
        var (pod, written) = (request.Pod, request.Reference);
        var image = NameOf(request);
        var present = await InspectAsync(request, image, cancellationToken);
        var policy = request.PullPolicy ?? (image.EndsWith(":latest", StringComparison.Ordinal) ? "Always" : "IfNotPresent");
        if (present is not null && policy != "Always")
        {
            events.Normal(request.Pod, request.Container, "Pulled", $"Container image \"{written}\" already present on machine");
            return present;
        }
        if (policy == "Never")
        {
            var message = $"Container image \"{written}\" is not present with pull policy of Never";
            events.Warning(request.Pod, request.Container, "ErrImageNeverPull", message);
            throw new ContainerStartException("ErrImageNeverPull", message);
        }

        var key = $"{pod.Metadata.Uid}_{written}";
        if (_backOff.RemainingSinceTry(key) is { Ticks: > 0 } remaining)
        {
            var message = $"Back-off pulling image \"{written}\"";
            events.Normal(request.Pod, request.Container, "BackOff", message);
            throw new ContainerStartException(
                "ImagePullBackOff", _lastProblems.TryGetValue(key, out var problem) ? $"{message}: ErrImagePull: {problem}" : message, remaining);
        }
        await PullAsync(request, image, key, sandbox, cancellationToken);
        return await runtime.FindImageAsync(image, cancellationToken)
            ?? throw new ContainerStartException("ImageInspectError", $"Failed to inspect image \"{written}\": it was pulled and is not there");
    }

    /// <summary>Forgets a pod's failures.</summary>
    public void Forget(string podUid)
    {
        _backOff.Forget(podUid + "_");
        foreach (var key in _lastProblems.Keys)
        {
            if (key.StartsWith(podUid + "_", StringComparison.Ordinal))
            {
                _lastProblems.TryRemove(key, out _);
            }
        }
    }

    private string NameOf(ImageRequest request)
    {
        var written = request.Reference;
        try
        {
            return ImageName.WithDefaultTag(written);
        }
        catch (FormatException exception)
        {
            var message = $"Failed to apply default image tag \"{written}\": couldn't parse image name \"{written}\": {exception.Message}";
            events.Warning(request.Pod, request.Container, "InspectFailed", message);
            throw new ContainerStartException("InvalidImageName", message);
        }
    }

    private async Task<ImageRecord?> InspectAsync(ImageRequest request, string image, CancellationToken cancellationToken)
    {
        try
        {
            return await runtime.FindImageAsync(image, cancellationToken);
        }
        catch (ContainerRuntimeException exception)
        {
            var message = $"Failed to inspect image \"{request.Reference}\": {exception.Message}";
            events.Warning(request.Pod, request.Container, "InspectFailed", message);
            throw new ContainerStartException("ImageInspectError", message);
        }
    }

    private async Task PullAsync(
        ImageRequest request, string image, string key, PodSandboxConfig sandbox, CancellationToken cancellationToken)
    {
        var (pod, written) = (request.Pod, request.Reference);
        events.Normal(pod, request.Container, "Pulling", $"Pulling image \"{written}\"");
        var asked = time.GetTimestamp();
        await _slots.WaitAsync(cancellationToken);
        try
        {
            var began = time.GetTimestamp();
            await PullAsync(image, await login.FindAsync(pod, image, cancellationToken), sandbox, cancellationToken);
            var size = (await runtime.FindImageAsync(image, cancellationToken))?.Size ?? 0;
            events.Normal(
                pod,
                request.Container,
                "Pulled",
                $"Successfully pulled image \"{written}\" in {GoDuration.Format(time.GetElapsedTime(began))} "
                + $"({GoDuration.Format(time.GetElapsedTime(asked))} including waiting). Image size: {size} bytes.");
            _lastProblems.TryRemove(key, out _);
        }
        catch (ContainerRuntimeException exception)
        {
            _backOff.Next(key, time.GetUtcNow());
            _lastProblems[key] = exception.Message;
            events.Warning(request.Pod, request.Container, "Failed", $"Failed to pull image \"{written}\": {exception.Message}");
            throw new ContainerStartException("ErrImagePull", exception.Message, _backOff.Delay(key));
        }
        finally
        {
            _slots.Release();
        }
    }

    // The first that the registry takes is good; where it takes none, what it said to the last one is told.
    private async Task PullAsync(string image, IReadOnlyList<RegistryCredentials> credentials, PodSandboxConfig sandbox, CancellationToken cancellationToken)
    {
        for (var i = 0; i < credentials.Count - 1; i++)
        {
            try
            {
                await runtime.PullImageAsync(image, credentials[i], sandbox, cancellationToken);
                return;
            }
            catch (ContainerRuntimeException)
            {
                // the next may be better
            }
        }
        await runtime.PullImageAsync(image, credentials.Count > 0 ? credentials[^1] : null, sandbox, cancellationToken);
    }
}
