using System.Collections.Concurrent;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;
using Kybernet.Api.Storage.V1;
using Kybernet.Scheduler.Framework;

namespace Kybernet.Scheduler.Tests;

/// <summary>What there is of storage, as the test says.</summary>
internal sealed class FakeVolumes : IVolumeView
{
    public ConcurrentDictionary<NamespacedName, PersistentVolumeClaim> Claims { get; } = [];

    public ConcurrentDictionary<string, PersistentVolume> All { get; } = [];

    public ConcurrentDictionary<string, StorageClass> Classes { get; } = [];

    public ConcurrentDictionary<string, CSINode> Nodes { get; } = [];

    public PersistentVolumeClaim? Claim(NamespacedName key) => Claims.GetValueOrDefault(key);

    public PersistentVolume? Volume(string name) => All.GetValueOrDefault(name);

    public IReadOnlyList<PersistentVolume> VolumesOf(string storageClass) =>
        [.. All.Values.Where(volume => StorageClasses.ClassOf(volume) == storageClass)];

    public StorageClass? Class(string name) => Classes.GetValueOrDefault(name);

    public CSINode? CsiNode(string name) => Nodes.GetValueOrDefault(name);
}
