using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Runtime;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Images;

/// <summary>
/// Removes images that nothing is made of: those that have not been used for too long, and, where their file system is too full, those that have not been
/// for longest until it is not. Images that are pinned, by the runtime or by the kubelet's options, stay.
/// </summary>
internal sealed partial class ImageCollector(
    IContainerRuntime runtime, ImageFileSystem disk, KubeletOptions options, NodeEvents events, TimeProvider time, ILogger<ImageCollector> logger) : IDisposable
{
    private readonly ImageLedger _ledger = new();
    private readonly SemaphoreSlim _one = new(1);
    private readonly DateTimeOffset _began = time.GetUtcNow();

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var hasFailed = false;
        using var timer = new PeriodicTimer(options.ImageCollectionPeriod, time);
        do
        {
            var problem = await TryCollectAsync(cancellationToken);
            if (problem is not null)
            {
                LogFailed(problem);
            }
            if (problem is not null && hasFailed)
            {
                // Once may be too early, before the runtime knows how full its disk is.
                events.Warning("ImageGCFailed", problem);
            }
            hasFailed = problem is not null;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Removes all images that may be removed.</summary>
    /// <exception cref="ContainerRuntimeException">The runtime does not answer.</exception>
    public async Task RemoveUnusedAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await FreeAsync(await FindCandidatesAsync(cancellationToken), long.MaxValue, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    // What went wrong, in words; null where nothing did.
    private async Task<string?> TryCollectAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var candidates = await RemoveOldAsync(await FindCandidatesAsync(cancellationToken), cancellationToken);
            return options.ImageCollectionHighPercent >= 100 ? null : await FreeDiskAsync(candidates, cancellationToken);
        }
        catch (Exception exception) when (exception is ContainerRuntimeException or IOException)
        {
            return exception.Message;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<IReadOnlyList<ImageUse>> FindCandidatesAsync(CancellationToken cancellationToken)
    {
        // Containers first: one that is made in between is of an image that has only just been seen.
        var containers = await runtime.ListContainersAsync(null, cancellationToken);
        var images = await runtime.ListImagesAsync(cancellationToken);
        _ledger.Write(images, containers.Select(static container => container.ImageId).ToHashSet(StringComparer.Ordinal), time.GetUtcNow());
        return [.. _ledger.Unused().Where(use => !use.Image.IsPinned && !use.Image.Tags.Any(options.PinnedImages.Contains))];
    }

    private async Task<IReadOnlyList<ImageUse>> RemoveOldAsync(IReadOnlyList<ImageUse> candidates, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // What was used before this kubelet began is not known.
        if (options.ImageMaximumAge == TimeSpan.Zero || now - _began <= options.ImageMaximumAge)
        {
            return candidates;
        }
        var kept = new List<ImageUse>();
        foreach (var use in candidates)
        {
            if (now - use.LastUsed <= options.ImageMaximumAge || now - use.FirstSeen < options.ImageMinimumAge)
            {
                kept.Add(use);
                continue;
            }
            await RemoveAsync(use, cancellationToken);
        }
        return kept;
    }

    private async Task<string?> FreeDiskAsync(IReadOnlyList<ImageUse> candidates, CancellationToken cancellationToken)
    {
        var state = await disk.ReadAsync(cancellationToken) ?? default;
        if (state.TotalSize == 0)
        {
            const string unknown = "invalid capacity 0 on image filesystem";
            events.Warning("InvalidDiskCapacity", unknown);
            return unknown;
        }
        var available = Math.Min(state.Available, state.TotalSize);
        if (100 - (long)(available * 100d / state.TotalSize) < options.ImageCollectionHighPercent)
        {
            return null;
        }
        var wanted = (long)(state.TotalSize * (100d - options.ImageCollectionLowPercent) / 100) - available;
        var freed = await FreeAsync(candidates, wanted, cancellationToken);
        if (freed >= wanted)
        {
            return null;
        }
        var problem = $"Failed to garbage collect required amount of images. Attempted to free {wanted} bytes, but only found {freed} bytes eligible to free.";
        events.Warning("FreeDiskSpaceFailed", problem);
        return problem;
    }

    private async Task<long> FreeAsync(IReadOnlyList<ImageUse> candidates, long wanted, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var freed = 0L;
        foreach (var use in candidates)
        {
            if (freed >= wanted)
            {
                break;
            }
            // One that was pulled a moment ago is about to be used.
            if (now - use.FirstSeen >= options.ImageMinimumAge)
            {
                freed += await RemoveAsync(use, cancellationToken);
            }
        }
        return freed;
    }

    private async Task<long> RemoveAsync(ImageUse use, CancellationToken cancellationToken)
    {
        await runtime.RemoveImageAsync(use.Image.Id, cancellationToken);
        LogRemoved(use.Image.Tags is [var tag, ..] ? tag : use.Image.Id, use.Image.Size);
        return use.Image.Size;
    }

    [LoggerMessage(LogLevel.Warning, "Images could not be collected: {Problem}")]
    private partial void LogFailed(string problem);

    [LoggerMessage(LogLevel.Information, "Image {Image} of {Size} bytes is removed: nothing uses it")]
    private partial void LogRemoved(string image, long size);
}
