namespace Kybernet.Kubelet.Tests.Eviction;

/// <summary>What a kubelet is told of eviction, and nothing else.</summary>
internal sealed record Thresholds
{
    private static readonly Dictionary<string, string> None = [];

    public IReadOnlyDictionary<string, string> EvictionHard { get; init; } = None;

    public IReadOnlyDictionary<string, string> EvictionSoft { get; init; } = None;

    public IReadOnlyDictionary<string, string> EvictionSoftGrace { get; init; } = None;

    public IReadOnlyDictionary<string, string> EvictionMinimumReclaim { get; init; } = None;

    public KubeletOptions ToOptions() => new()
    {
        NodeName = "n",
        RootDirectory = "/root",
        RuntimeEndpoint = "unix:///r",
        NodeIP = "192.0.2.1",
        EvictionHard = EvictionHard,
        EvictionSoft = EvictionSoft,
        EvictionSoftGrace = EvictionSoftGrace,
        EvictionMinimumReclaim = EvictionMinimumReclaim,
    };
}
