namespace Kybernet.Network.Services.Endpoints;

/// <summary>What matters of the node that a proxy is on.</summary>
/// <param name="Name">The Node's name.</param>
/// <param name="Zone">The zone that its label says; null where there is none.</param>
internal sealed record ProxyNode(string Name, string? Zone);
