using System.Net;

namespace Kybernet.Network.Services;

/// <summary>What a node's service proxy has to be told.</summary>
public sealed record ServiceProxyOptions
{
    /// <summary>The Node's name.</summary>
    public required string NodeName { get; init; }

    /// <summary>The name of the nft table, of family inet: one that nobody else of this machine has.</summary>
    public required string Table { get; init; }

    /// <summary>The addresses of pods. What comes from elsewhere to a cluster address is masqueraded; with none, nothing is.</summary>
    public IReadOnlyList<IPNetwork> ClusterCidrs { get; init; } = [];

    /// <summary>The addresses of this machine that node ports are served at; without any, the Node's own internal addresses.</summary>
    public IReadOnlyList<IPNetwork> NodePortAddresses { get; init; } = [];

    /// <summary>Whether all that goes to a cluster address is masqueraded.</summary>
    public bool MasqueradeAll { get; init; }

    /// <summary>The bit of a packet's mark that says that it is to be masqueraded.</summary>
    public int MasqueradeBit { get; init; } = 14;

    /// <summary>How often it is looked whether the table is still there.</summary>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where <c>/healthz</c>, <c>/livez</c>, <c>/metrics</c> and <c>/proxyMode</c> are served; nowhere unless given.</summary>
    public IReadOnlyList<IPEndPoint> StatusAddresses { get; init; } = [];
}
