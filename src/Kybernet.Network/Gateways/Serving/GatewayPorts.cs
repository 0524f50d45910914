using System.Net;
using Kybernet.Api;
using Kybernet.Network.Gateways.Routing;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>The open ports of all Gateways. For one caller at a time.</summary>
internal sealed class GatewayPorts(GatewayServer server, IPAddress address) : IAsyncDisposable
{
    private readonly Dictionary<NamespacedName, Dictionary<int, GatewayPort>> _open = [];

    /// <summary>Opens, closes and changes ports of a Gateway until they are as wanted.</summary>
    /// <returns>Where each of them is listened on.</returns>
    public async Task<IReadOnlyDictionary<int, int>> ApplyAsync(
        NamespacedName gateway, IReadOnlyDictionary<int, PortTable> wanted, CancellationToken cancellationToken)
    {
        if (!_open.TryGetValue(gateway, out var ports))
        {
            _open.Add(gateway, ports = []);
        }
        foreach (var (number, table) in wanted)
        {
            if (ports.TryGetValue(number, out var port))
            {
                port.Table = table;
            }
            else
            {
                ports.Add(number, await server.OpenAsync(address, table, cancellationToken));
            }
        }
        foreach (var number in ports.Keys.Except(wanted.Keys).ToList())
        {
            ports.Remove(number, out var port);
            await port!.DisposeAsync();
        }
        if (ports.Count == 0)
        {
            _open.Remove(gateway);
        }
        return ports.ToDictionary(static port => port.Key, static port => port.Value.EndPoint.Port);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var port in _open.Values.SelectMany(static ports => ports.Values))
        {
            await port.DisposeAsync();
        }
        _open.Clear();
    }
}
