using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Resources;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission.Services;

/// <summary>Gives Services their cluster addresses, node ports and health check node ports, as far as they have not chosen their own.</summary>
internal sealed class ServiceAllocation : AdmissionPlugin, IDisposable
{
    private static readonly GroupVersionKind ServiceKind = new("", "v1", "Service");

    private readonly ServiceClaims _claims;
    private readonly ServiceAddressRanges _ranges;
    private readonly ForeignAddresses _foreign;
    private readonly (int First, int Last) _nodePorts;
    private readonly IDisposable[] _subscriptions;
    private readonly Random _random = new();

    /// <param name="feeds">Where the Services, and the ranges of their addresses, are.</param>
    /// <param name="cidr">The addresses to give beside those of ServiceCIDRs, as in <c>10.96.0.0/12</c>.</param>
    /// <param name="nodePorts">The ports to give, both ends included.</param>
    /// <param name="time">The clock.</param>
    public ServiceAllocation(IObjectFeeds feeds, string cidr, (int First, int Last) nodePorts, TimeProvider time)
    {
        _claims = new ServiceClaims(time);
        _ranges = new ServiceAddressRanges(IPNetwork.Parse(cidr));
        _foreign = new ForeignAddresses(feeds.Of(new GroupResource("networking.k8s.io", "ipaddresses")));
        _nodePorts = nodePorts;
        _subscriptions =
        [
            feeds.Of(new GroupResource("", "services")).Subscribe(_claims),
            feeds.Of(new GroupResource("networking.k8s.io", "servicecidrs")).Subscribe(_ranges),
        ];
    }

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation is AdmissionOperation.Create or AdmissionOperation.Update
        && resource is { Group: "", Resource: "services" } && subresource.Length == 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void Mutate(AdmissionRequest request)
    {
        if (request.Object?["spec"] is not JsonObject spec)
        {
            return;
        }
        var previous = request.Previous?.As<Service>();
        var type = (string?)spec["type"] ?? "ClusterIP";
        if (type == "ExternalName")
        {
            return;
        }
        request.IsChanged = true;
        AllocateAddresses(request, spec, previous);
        if (type is "NodePort" || (type is "LoadBalancer" && (bool?)spec["allocateLoadBalancerNodePorts"] != false))
        {
            AllocatePorts(request, spec, previous);
        }
        if (type is "LoadBalancer" && (string?)spec["externalTrafficPolicy"] == "Local")
        {
            AllocateHealthPort(request, spec, previous);
        }
    }

    private void AllocateAddresses(AdmissionRequest request, JsonObject spec, Service? previous)
    {
        var wanted = (spec["clusterIPs"] as JsonArray ?? []).Select(static address => (string?)address ?? "").ToList();
        if ((string?)spec["clusterIP"] is { Length: > 0 } first)
        {
            wanted = wanted.Count > 0 ? [first, .. wanted.Skip(1)] : [first];
        }
        if (wanted is ["None", ..])
        {
            spec["clusterIP"] = wanted[0];
            spec["clusterIPs"] = new JsonArray(wanted[0]);
            return;
        }
        var families = ServiceFamilies.Resolve(spec, family => _ranges.Has(family), (field, value, detail) => Refuse(request, field, value, detail));
        IReadOnlyList<string> had = previous is { Spec.ClusterIPs: { Count: > 0 } known } && known[0] != "None" ? known : [];
        var addresses = new JsonArray();
        for (var i = 0; i < families.Count; i++)
        {
            var chosen = i < wanted.Count && wanted[i].Length > 0 ? wanted[i] : i < had.Count ? had[i] : null;
            if (chosen is null)
            {
                chosen = NextAddress(families[i], !request.DryRun) ?? throw ApiError.Internal("failed to allocate a serviceIP: range is full");
            }
            else if (!had.Contains(chosen))
            {
                TakeAddress(request, chosen);
            }
            addresses.Add((JsonNode)JsonValue.Create(chosen));
        }
        spec["clusterIP"] = addresses[0]!.DeepClone();
        spec["clusterIPs"] = addresses;
    }

    private void TakeAddress(AdmissionRequest request, string wanted)
    {
        var family = wanted.Contains(':') ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        if (!IPAddress.TryParse(wanted, out var address) || !_ranges.Contains(address))
        {
            throw Refuse(request, "clusterIPs", $"[\"{wanted}\"]", $"failed to allocate IP {wanted}: the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {_ranges.Describe(family)}");
        }
        if (_foreign.Contains(wanted) || !_claims.TryTake(wanted, !request.DryRun))
        {
            throw Refuse(request, "clusterIPs", $"[\"{wanted}\"]", $"failed to allocate IP {wanted}: provided IP is already allocated");
        }
    }

    private string? NextAddress(AddressFamily family, bool keep) => _ranges.Candidates(family)
        .Select(static address => address.ToString())
        .FirstOrDefault(address => !_foreign.Contains(address) && _claims.TryTake(address, keep));

    private void AllocatePorts(AdmissionRequest request, JsonObject spec, Service? previous)
    {
        var own = new HashSet<int>(previous?.Spec.Ports.Select(port => port.NodePort ?? 0) ?? []);
        var index = 0;
        foreach (var port in spec["ports"] as JsonArray ?? [])
        {
            var wanted = (int)(port!.AsObject().Number("nodePort") ?? 0);
            if (wanted == 0)
            {
                wanted = NextPort(!request.DryRun) ?? throw ApiError.Internal("failed to allocate a nodePort: range is full");
            }
            else if (!own.Contains(wanted))
            {
                TakePort(request, wanted, $"ports[{index}].nodePort");
            }
            own.Add(wanted); // TCP and UDP of one Service may share a port
            port["nodePort"] = wanted;
            index++;
        }
    }

    private void AllocateHealthPort(AdmissionRequest request, JsonObject spec, Service? previous)
    {
        var wanted = (int)(spec.Number("healthCheckNodePort") ?? 0);
        if (wanted == 0)
        {
            spec["healthCheckNodePort"] = NextPort(!request.DryRun) ?? throw ApiError.Internal("failed to allocate a HealthCheck NodePort: range is full");
        }
        else if (wanted != previous?.Spec.HealthCheckNodePort)
        {
            TakePort(request, wanted, "healthCheckNodePort");
        }
    }

    private void TakePort(AdmissionRequest request, int wanted, string field)
    {
        if (wanted < _nodePorts.First || wanted > _nodePorts.Last)
        {
            throw Refuse(request, field, $"{wanted}", $"provided port is not in the valid range. The range of valid ports is {_nodePorts.First}-{_nodePorts.Last}");
        }
        if (!_claims.TryTake(ServiceClaims.Port(wanted), !request.DryRun))
        {
            throw Refuse(request, field, $"{wanted}", "provided port is already allocated");
        }
    }

    private int? NextPort(bool keep)
    {
        var span = _nodePorts.Last - _nodePorts.First + 1;
        var start = _random.Next(span);
        for (var i = 0; i < span; i++)
        {
            var candidate = _nodePorts.First + ((start + i) % span);
            if (_claims.TryTake(ServiceClaims.Port(candidate), keep))
            {
                return candidate;
            }
        }
        return null;
    }

    private static ApiError Refuse(AdmissionRequest request, string field, string value, string detail) => ApiError.Invalid(
        ServiceKind, request.Name, [new FieldError(FieldErrorReason.FieldValueInvalid, $"spec.{field}", $"Invalid value: {value}: {detail}")]);
}
