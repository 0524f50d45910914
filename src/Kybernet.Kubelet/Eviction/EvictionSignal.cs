namespace Kybernet.Kubelet.Eviction;

/// <summary>Something of the node that may run out.</summary>
/// <param name="Name">What thresholds call it, as in <c>memory.available</c>.</param>
/// <param name="Resource">What pods are told that ran out.</param>
/// <param name="Condition">The Node's condition while it is short.</param>
internal sealed record EvictionSignal(string Name, string Resource, string Condition)
{
    public const string MemoryPressure = "MemoryPressure";
    public const string DiskPressure = "DiskPressure";
    public const string PidPressure = "PIDPressure";

    public static EvictionSignal Memory { get; } = new("memory.available", "memory", MemoryPressure);

    public static EvictionSignal NodeDisk { get; } = new("nodefs.available", "ephemeral-storage", DiskPressure);

    public static EvictionSignal NodeInodes { get; } = new("nodefs.inodesFree", "inodes", DiskPressure);

    public static EvictionSignal ImageDisk { get; } = new("imagefs.available", "ephemeral-storage", DiskPressure);

    public static EvictionSignal ImageInodes { get; } = new("imagefs.inodesFree", "inodes", DiskPressure);

    public static EvictionSignal Pids { get; } = new("pid.available", "pids", PidPressure);

    /// <summary>All of them, those first that are dealt with first.</summary>
    public static IReadOnlyList<EvictionSignal> All { get; } = [Memory, Pids, NodeDisk, NodeInodes, ImageDisk, ImageInodes];

    /// <summary>Whether it is of the file system of images and of containers' own files.</summary>
    public bool IsOfImages => this == ImageDisk || this == ImageInodes;

    /// <summary>Whether it is of a disk.</summary>
    public bool IsOfDisk => Condition == DiskPressure;
}
