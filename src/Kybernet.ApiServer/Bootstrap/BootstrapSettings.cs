namespace Kybernet.ApiServer.Bootstrap;

/// <summary>What the first objects of a cluster need to know of it.</summary>
/// <param name="ServiceAddress">The cluster IP of the <c>kubernetes</c> Service: the first of the Services' range.</param>
/// <param name="AdvertiseAddress">Where the API server is reached by pods and nodes.</param>
/// <param name="SecurePort">The port that it listens on.</param>
/// <param name="ClientCaPem">The certificates of the authorities of clients.</param>
public sealed record BootstrapSettings(string ServiceAddress, string AdvertiseAddress, int SecurePort, string ClientCaPem)
{
    /// <summary>The certificates of the authorities of front proxies; empty for none.</summary>
    public string RequestHeaderCaPem { get; init; } = "";
}
