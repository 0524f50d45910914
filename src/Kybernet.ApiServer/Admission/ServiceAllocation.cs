using System.Net;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Hosting;
using Kybernet.ApiServer.Pipeline;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission;

/// <summary>
/// Gives Services their cluster addresses and node ports. What is taken is what the Services that exist have, and what was just given to one that is
/// being written: nothing is kept anywhere else, so nothing can get out of step.
/// </summary>
internal sealed class ServiceAllocation : AdmissionPlugin, IObjectObserver, IDisposable
{
    private static readonly TimeSpan ReservationLifetime = TimeSpan.FromSeconds(30);
    private static readonly GroupVersionKind ServiceKind = new("", "v1", "Service");

    private readonly Lock _gate = new();
    private readonly Dictionary<string, EncodedObject> _byUid = [];
    private readonly Dictionary<string, int> _addresses = [];
    private readonly Dictionary<int, int> _ports = [];
    private readonly Dictionary<string, DateTimeOffset> _reserved = [];
    private readonly string _cidr;
    private readonly IPNetwork _network;
    private readonly (int First, int Last) _nodePorts;
    private readonly TimeProvider _time;
    private readonly IDisposable _subscription;
    private readonly Random _random = new();

    /// <param name="feeds">Where the Services are.</param>
    /// <param name="cidr">The addresses to give, as in <c>10.96.0.0/12</c>.</param>
    /// <param name="nodePorts">The ports to give, both ends included.</param>
    /// <param name="time">The clock.</param>
    public ServiceAllocation(IObjectFeeds feeds, string cidr, (int First, int Last) nodePorts, TimeProvider time)
    {
        _cidr = cidr;
        _network = IPNetwork.Parse(cidr);
        _nodePorts = nodePorts;
        _time = time;
        _subscription = feeds.Of(new GroupResource("", "services")).Subscribe(this);
    }

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation is AdmissionOperation.Create or AdmissionOperation.Update
        && resource is { Group: "", Resource: "services" } && subresource.Length == 0;

    /// <inheritdoc/>
    public void OnChanged(EncodedObject item)
    {
        lock (_gate)
        {
            Forget(item.Header.Uid);
            _byUid[item.Header.Uid] = item;
            Count(item, 1);
        }
    }

    /// <inheritdoc/>
    public void OnDeleted(EncodedObject item)
    {
        lock (_gate)
        {
            Forget(item.Header.Uid);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();

    /// <inheritdoc/>
    protected override void Mutate(AdmissionRequest request)
    {
        if (request.Object?["spec"] is not JsonObject spec)
        {
            return;
        }
        var previous = request.Previous?.As<Service>();
        var type = (string?)spec["type"] ?? "ClusterIP";
        request.IsChanged = true;
        lock (_gate)
        {
            DropStaleReservations();
            if (type == "ExternalName")
            {
                return;
            }
            AllocateAddress(request, spec, previous);
            if (type is "NodePort" || (type is "LoadBalancer" && (bool?)spec["allocateLoadBalancerNodePorts"] != false))
            {
                AllocatePorts(request, spec, previous);
            }
        }
    }

    private void AllocateAddress(AdmissionRequest request, JsonObject spec, Service? previous)
    {
        var wanted = (string?)spec["clusterIP"] ?? (spec["clusterIPs"] is JsonArray { Count: > 0 } list ? (string?)list[0] : null) ?? "";
        if (wanted == "None")
        {
            spec["clusterIP"] = wanted;
            spec["clusterIPs"] = new JsonArray(wanted);
            return;
        }
        if (wanted.Length > 0 && wanted == previous?.Spec.ClusterIP)
        {
            return;
        }
        if (wanted.Length == 0 && previous is { Spec.ClusterIP: { Length: > 0 } kept })
        {
            wanted = kept; // an update that leaves the address out keeps it
        }
        else if (wanted.Length == 0)
        {
            wanted = NextAddress() ?? throw ApiError.Internal("failed to allocate a serviceIP: range is full");
        }
        else if (!IPAddress.TryParse(wanted, out var address) || !_network.Contains(address))
        {
            throw Refuse(request, "clusterIPs", $"[\"{wanted}\"]", $"failed to allocate IP {wanted}: the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {_network}");
        }
        else if (_addresses.ContainsKey(wanted) || _reserved.ContainsKey(wanted))
        {
            throw Refuse(request, "clusterIPs", $"[\"{wanted}\"]", $"failed to allocate IP {wanted}: provided IP is already allocated");
        }
        Reserve(request, wanted);
        spec["clusterIP"] = wanted;
        spec["clusterIPs"] = new JsonArray(wanted);
    }

    private void AllocatePorts(AdmissionRequest request, JsonObject spec, Service? previous)
    {
        var own = new HashSet<int>(previous?.Spec.Ports.Select(port => port.NodePort ?? 0) ?? []);
        var index = 0;
        foreach (var port in spec["ports"] as JsonArray ?? [])
        {
            var wanted = (int?)port?["nodePort"] ?? 0;
            if (wanted == 0)
            {
                wanted = previous?.Spec.Ports.FirstOrDefault(old => old.Port == (int?)port!["port"] && (old.Protocol ?? "TCP") == ((string?)port["protocol"] ?? "TCP"))?.NodePort ?? 0;
            }
            if (wanted == 0)
            {
                wanted = NextPort() ?? throw ApiError.Internal("failed to allocate a nodePort: range is full");
            }
            else if (!own.Contains(wanted))
            {
                CheckPort(request, wanted, index);
            }
            own.Add(wanted); // TCP and UDP of one Service may share a port
            Reserve(request, $":{wanted}");
            port!["nodePort"] = wanted;
            index++;
        }
    }

    private void CheckPort(AdmissionRequest request, int wanted, int index)
    {
        if (wanted < _nodePorts.First || wanted > _nodePorts.Last)
        {
            throw Refuse(request, $"ports[{index}].nodePort", $"{wanted}", $"provided port is not in the valid range. The range of valid ports is {_nodePorts.First}-{_nodePorts.Last}");
        }
        if (_ports.ContainsKey(wanted) || _reserved.ContainsKey($":{wanted}"))
        {
            throw Refuse(request, $"ports[{index}].nodePort", $"{wanted}", "provided port is already allocated");
        }
    }

    /// <summary>
    /// A random address from the upper part of the range: the lower part is left to those who choose their own (KEP-3070).
    /// </summary>
    private string? NextAddress()
    {
        var size = 1L << Math.Min(20, (_network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128) - _network.PrefixLength);
        var reserved = Math.Min(Math.Max(16, size / 16), 256);
        if (size <= reserved + 2)
        {
            reserved = 0;
        }
        var span = size - 2 - reserved;
        var start = _random.NextInt64(span);
        for (var i = 0L; i < span; i++)
        {
            var candidate = ServiceRange.At(_cidr, (int)(1 + reserved + ((start + i) % span)));
            if (!_addresses.ContainsKey(candidate) && !_reserved.ContainsKey(candidate))
            {
                return candidate;
            }
        }
        return null;
    }

    private int? NextPort()
    {
        var span = _nodePorts.Last - _nodePorts.First + 1;
        var start = _random.Next(span);
        for (var i = 0; i < span; i++)
        {
            var candidate = _nodePorts.First + ((start + i) % span);
            if (!_ports.ContainsKey(candidate) && !_reserved.ContainsKey($":{candidate}"))
            {
                return candidate;
            }
        }
        return null;
    }

    private void Reserve(AdmissionRequest request, string what)
    {
        if (!request.DryRun)
        {
            _reserved[what] = _time.GetUtcNow();
        }
    }

    /// <summary>A write that failed after it was given something leaves a reservation behind; it is given up after a while.</summary>
    private void DropStaleReservations()
    {
        var oldest = _time.GetUtcNow() - ReservationLifetime;
        foreach (var (what, since) in _reserved.ToArray())
        {
            if (since < oldest)
            {
                _reserved.Remove(what);
            }
        }
    }

    private void Forget(string uid)
    {
        if (_byUid.Remove(uid, out var before))
        {
            Count(before, -1);
        }
    }

    private void Count(EncodedObject item, int by)
    {
        var spec = item.As<Service>().Spec;
        foreach (var address in spec.ClusterIPs)
        {
            Add(_addresses, address, by);
            _reserved.Remove(address);
        }
        foreach (var port in spec.Ports)
        {
            if (port.NodePort is { } nodePort and > 0)
            {
                Add(_ports, nodePort, by);
                _reserved.Remove($":{nodePort}");
            }
        }
    }

    private static void Add<TKey>(Dictionary<TKey, int> counts, TKey key, int by)
        where TKey : notnull
    {
        var count = counts.GetValueOrDefault(key) + by;
        if (count <= 0)
        {
            counts.Remove(key);
            return;
        }
        counts[key] = count;
    }

    private static ApiError Refuse(AdmissionRequest request, string field, string value, string detail) => ApiError.Invalid(
        ServiceKind, request.Name, [new FieldError(FieldErrorReason.FieldValueInvalid, $"spec.{field}", $"Invalid value: {value}: {detail}")]);
}
