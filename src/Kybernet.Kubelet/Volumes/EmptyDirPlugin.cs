using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Native;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Volumes that begin empty and end with their pod: on the node's disk, in memory, or in huge pages.</summary>
internal sealed class EmptyDirPlugin(PodPaths paths) : IVolumePlugin
{
    private const string HugePages = "HugePages";

    public bool Supports(VolumeRequest request) => request.Volume.EmptyDir is not null;

    public Task<MountedVolume> SetUpAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        const UnixFileMode everyone = (UnixFileMode)0b111_111_111;
        var source = request.Volume.EmptyDir!;
        var folder = paths.Volume(request.PodUid, "empty-dir", request.FolderName);
        var mounted = new MountedVolume(folder) { IsRelabelled = true };
        if (Directory.Exists(folder))
        {
            return Task.FromResult(mounted);
        }
        // Made under another name first: what has the name is whole, also after a crash in between.
        var unfinished = paths.Volume(request.PodUid, "empty-dir", $".{request.FolderName}");
        LinuxCalls.UnmountIfMounted(unfinished);
        Directory.CreateDirectory(unfinished);
        File.SetUnixFileMode(unfinished, everyone);
        Directory.Move(unfinished, folder);
        switch (source.Medium)
        {
            case "Memory":
                LinuxCalls.MountTmpfs(folder, SizeInMemory(request), isExecutable: true);
                break;
            case { } medium when medium.StartsWith(HugePages, StringComparison.Ordinal):
                LinuxCalls.MountHugePages(folder, PageSize(request, medium));
                break;
        }
        VolumeOwnership.Apply(folder, request, isReadOnly: false);
        if (request.Group is null)
        {
            File.SetUnixFileMode(folder, everyone);
        }
        return Task.FromResult(mounted);
    }

    // A file system in memory may grow to the least of what it, the pod and the node are limited to.
    private static long SizeInMemory(VolumeRequest request)
    {
        var size = request.Node.AllocatableMemoryBytes;
        if (request.Volume.EmptyDir!.SizeLimit is { IsZero: false } limit)
        {
            size = Math.Min(size, limit.ToInt64());
        }
        var limits = request.Pod.Spec.Containers.Select(container => ContainerResources.Whole(container.Resources?.Limits, "memory")).ToArray();
        return limits.All(static amount => amount > 0) ? Math.Min(size, limits.Sum()) : size;
    }

    private static string PageSize(VolumeRequest request, string medium)
    {
        if (medium.Length > HugePages.Length)
        {
            return medium[(HugePages.Length + 1)..].TrimEnd('i');
        }
        var sizes = request.Pod.Spec.Containers
            .SelectMany(static container => container.Resources?.Requests.Keys ?? [])
            .Where(static resource => resource.StartsWith("hugepages-", StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        return sizes switch
        {
            [var only] => only["hugepages-".Length..].TrimEnd('i'),
            [] => throw new VolumeException("no huge page requests or limits found"),
            _ => throw new VolumeException("medium HugePages can be used only for one page size: use medium HugePages-<size> for several"),
        };
    }
}
