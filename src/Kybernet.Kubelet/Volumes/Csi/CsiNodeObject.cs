using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Storage.V1;
using Kybernet.Client;

namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>Keeps what storage drivers say of this node in its CSINode, in an annotation of its Node, and in the Node's labels.</summary>
internal sealed class CsiNodeObject(ApiClient client, KubeletOptions options) : IDisposable
{
    private const string NodeIds = "csi.volume.kubernetes.io/nodeid";

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Sees to it, for as long as it takes, that there is a CSINode, also where no driver is.</summary>
    public async Task EnsureAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await ChangeAsync(static drivers => drivers, cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                await Task.Delay(Retry, time, cancellationToken);
            }
        }
    }

    /// <summary>Adds a driver, or what is new of it.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="VolumeException">The node is elsewhere, by its labels.</exception>
    public async Task SetAsync(CsiNodeDriver driver, CancellationToken cancellationToken)
    {
        await ChangeNodeAsync(ids => ids[driver.Name] = JsonValue.Create(driver.NodeId), driver.Topology, cancellationToken);
        await ChangeAsync(drivers => [.. drivers.Where(other => other.Name != driver.Name), Describe(driver)], cancellationToken);
    }

    /// <summary>Removes a driver.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task RemoveAsync(string driver, CancellationToken cancellationToken)
    {
        await ChangeAsync(drivers => [.. drivers.Where(other => other.Name != driver)], cancellationToken);
        await ChangeNodeAsync(ids => ids.Remove(driver), new Dictionary<string, string>(), cancellationToken);
    }

    public void Dispose() => _one.Dispose();

    private static CSINodeDriver Describe(CsiNodeDriver driver) => new()
    {
        Name = driver.Name,
        NodeID = driver.NodeId,
        TopologyKeys = [.. driver.Topology.Keys.Order(StringComparer.Ordinal)],
        Allocatable = driver.MaxVolumes > 0 ? new VolumeNodeResources { Count = (int)Math.Min(driver.MaxVolumes, int.MaxValue) } : null,
    };

    private async Task ChangeAsync(Func<IReadOnlyList<CSINodeDriver>, IReadOnlyList<CSINodeDriver>> change, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var found = await client.FindAsync<CSINode>("", options.NodeName, cancellationToken);
            var drivers = change(found?.Spec.Drivers ?? []);
            if (found is null)
            {
                await client.CreateAsync(await NewAsync(drivers, cancellationToken), cancellationToken);
                return;
            }
            var wanted = found with { Spec = new CSINodeSpec { Drivers = drivers } };
            if (!ModelJson.Same(found, wanted))
            {
                await client.UpdateAsync(wanted, cancellationToken);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<CSINode> NewAsync(IReadOnlyList<CSINodeDriver> drivers, CancellationToken cancellationToken)
    {
        var node = await client.GetAsync<Node>("", options.NodeName, cancellationToken);
        var owner = new OwnerReference { ApiVersion = "v1", Kind = "Node", Name = options.NodeName, Uid = node.Metadata.Uid ?? "" };
        return new CSINode { Metadata = new ObjectMeta { Name = options.NodeName, OwnerReferences = [owner] }, Spec = new CSINodeSpec { Drivers = drivers } };
    }

    private async Task ChangeNodeAsync(Action<JsonObject> change, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var node = await client.GetAsync<Node>("", options.NodeName, cancellationToken);
            foreach (var (key, value) in labels)
            {
                if (node.Metadata.Labels.TryGetValue(key, out var current) && current != value)
                {
                    throw new VolumeException(
                        $"detected topology value collision: driver reported \"{key}\":\"{value}\" but existing label is \"{key}\":\"{current}\"");
                }
            }
            var before = node.Metadata.Annotations.TryGetValue(NodeIds, out var text) ? text : "";
            var ids = before.Length > 0 ? JsonNode.Parse(before)!.AsObject() : [];
            change(ids);
            var after = ids.Count > 0 ? ids.ToJsonString() : "";
            if (after != before || labels.Any(label => !node.Metadata.Labels.ContainsKey(label.Key)))
            {
                await PatchAsync(after, labels, cancellationToken);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    private Task PatchAsync(string ids, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        var wanted = new JsonObject();
        foreach (var (key, value) in labels)
        {
            wanted[key] = JsonValue.Create(value);
        }
        var metadata = new JsonObject
        {
            ["annotations"] = new JsonObject { [NodeIds] = ids.Length > 0 ? JsonValue.Create(ids) : null },
            ["labels"] = wanted,
        };
        return client.PatchAsync<Node>("", options.NodeName, "", Patch.Merge(new JsonObject { ["metadata"] = metadata }), cancellationToken);
    }
}
