using Kybernet.Api.Schema;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Hosting;

namespace Kybernet.ApiServer.Bootstrap;

/// <summary>What the first objects of a cluster need to know of it.</summary>
/// <param name="ServiceCidr">The addresses of Services.</param>
/// <param name="AdvertiseAddress">Where the API server is reached by pods and nodes.</param>
/// <param name="SecurePort">The port that it listens on.</param>
/// <param name="ClientCaPem">The certificates of the authorities of clients.</param>
public sealed record BootstrapSettings(string ServiceCidr, string AdvertiseAddress, int SecurePort, string ClientCaPem)
{
    /// <summary>The cluster IP of the <c>kubernetes</c> Service: the first of the Services' range.</summary>
    public string ServiceAddress => ServiceRange.First(ServiceCidr);

    /// <summary>What the server serves of itself.</summary>
    public ResourceRegistry Served { get; init; } = ResourceRegistry.Default;

    /// <summary>The certificates of the authorities of front proxies; empty for none.</summary>
    public string RequestHeaderCaPem { get; init; } = "";

    /// <summary>How front proxies name users.</summary>
    public RequestHeaderOptions RequestHeader { get; init; } = new();
}
