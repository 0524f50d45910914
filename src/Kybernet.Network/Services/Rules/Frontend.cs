using System.Globalization;

namespace Kybernet.Network.Services.Rules;

/// <summary>What a client connects to: an address and a port, or a port of any of this node's addresses.</summary>
/// <param name="Address">The address, in its canonical form; null for a node port.</param>
/// <param name="Protocol">As nft writes it.</param>
/// <param name="Port">The port.</param>
internal sealed record Frontend(string? Address, string Protocol, int Port)
{
    /// <summary>The key of its elements.</summary>
    public string Key => Address is null
        ? string.Create(CultureInfo.InvariantCulture, $"{Protocol} . {Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Address} . {Protocol} . {Port}");

    /// <summary>The expression that makes such a key of a packet.</summary>
    public string KeyExpression(IPFamily family) =>
        Address is null ? $"meta l4proto . {Protocol} dport" : $"{family.Keyword} daddr . meta l4proto . {Protocol} dport";

    /// <summary>The map that leads to the chain of its Service.</summary>
    public string ServiceMap(IPFamily family) => (Address is null ? TableNames.ServiceNodePorts : TableNames.ServiceIPs) + family.Suffix;

    /// <summary>The map that says what becomes of its packets while there is no endpoint.</summary>
    public string NoEndpointMap(IPFamily family) => (Address is null ? TableNames.NoEndpointNodePorts : TableNames.NoEndpointServices) + family.Suffix;

    /// <summary>The map that its endpoints are in.</summary>
    public string EndpointMap(IPFamily family, bool isLocal) => (Address, isLocal) switch
    {
        (null, false) => TableNames.NodePortEndpoints,
        (null, true) => TableNames.LocalNodePortEndpoints,
        (_, false) => TableNames.Endpoints,
        (_, true) => TableNames.LocalEndpoints,
    } + Protocol + "-" + family.Suffix;
}
