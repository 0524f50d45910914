using System.Collections.Concurrent;
using Kybernet.Client;
using Kybernet.Kubelet.Plugins;

namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>What a storage driver says of this node.</summary>
/// <param name="Name">The driver's name.</param>
/// <param name="NodeId">By what it knows the node.</param>
/// <param name="MaxVolumes">How many of its volumes the node takes; 0 where it does not say.</param>
/// <param name="Topology">Where the node is, in the driver's eyes.</param>
internal sealed record CsiNodeDriver(string Name, string NodeId, long MaxVolumes, IReadOnlyDictionary<string, string> Topology);

/// <summary>The storage drivers that serve this node.</summary>
internal sealed class CsiDrivers(CsiNodeObject nodeObject, TimeProvider time) : IPluginHandler
{
    private readonly ConcurrentDictionary<string, string> _endpoints = new(StringComparer.Ordinal);

    public string Type => "CSIPlugin";

    public void Validate(PluginIdentity plugin)
    {
        if (plugin.Endpoint.Length == 0)
        {
            throw new PluginException($"failed to register CSI driver {plugin.Name}: endpoint is empty");
        }
        if (!plugin.Versions.Any(static version => version.TrimStart('v').Split('.')[0] == "1"))
        {
            throw new PluginException($"none of the CSI versions reported by this driver are supported: [{string.Join(' ', plugin.Versions)}]");
        }
    }

    public async Task RegisterAsync(PluginIdentity plugin, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new CsiNodeClient(plugin.Endpoint, time);
            var info = await client.GetInfoAsync(cancellationToken);
            if (info.NodeId.Length == 0)
            {
                throw new PluginException("error adding CSI driver node info: driverNodeID must not be empty");
            }
            var driver = new CsiNodeDriver(plugin.Name, info.NodeId, info.MaxVolumesPerNode, info.AccessibleTopology?.Segments ?? []);
            await nodeObject.SetAsync(driver, cancellationToken);
            _endpoints[plugin.Name] = plugin.Endpoint;
        }
        catch (Exception exception) when (exception is VolumeException or ApiException or ApiUnavailableException)
        {
            throw new PluginException($"plugin registration failed with err: {exception.Message}", exception);
        }
    }

    public async Task DeregisterAsync(PluginIdentity plugin, CancellationToken cancellationToken)
    {
        // Another may serve the driver by now, from another socket.
        if (_endpoints.TryGetValue(plugin.Name, out var endpoint) && endpoint != plugin.Endpoint)
        {
            return;
        }
        try
        {
            await nodeObject.RemoveAsync(plugin.Name, cancellationToken);
            _endpoints.TryRemove(plugin.Name, out _);
        }
        catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
        {
            throw new PluginException(exception.Message, exception);
        }
    }

    /// <summary>The way to a driver; the caller disposes of it.</summary>
    /// <exception cref="VolumeException">None of that name is there.</exception>
    public CsiNodeClient Open(string driver) => _endpoints.TryGetValue(driver, out var endpoint)
        ? new CsiNodeClient(endpoint, time)
        : throw new VolumeException($"kubernetes.io/csi: driver name {driver} not found in the list of registered CSI drivers");
}
