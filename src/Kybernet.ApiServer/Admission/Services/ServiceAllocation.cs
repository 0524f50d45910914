using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Resources;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission.Services;

/// <summary>
/// Gives Services their cluster addresses, node ports and health check node ports, as far as they have not chosen their own, and takes them back. The store
/// decides who has what, so that several servers never give out the same.
/// </summary>
internal sealed class ServiceAllocation : AdmissionPlugin, IDisposable
{
    private static readonly GroupVersionKind ServiceKind = new("", "v1", "Service");

    private readonly AddressReservations _addresses;
    private readonly PortReservations _ports;
    private readonly ServiceAddressRanges _ranges;
    private readonly IDisposable _subscription;

    /// <param name="feeds">Where the ranges of addresses are.</param>
    /// <param name="cidr">The addresses to give beside those of ServiceCIDRs, as in <c>10.96.0.0/12</c>.</param>
    /// <param name="addresses">Who has which address.</param>
    /// <param name="ports">Who has which port.</param>
    public ServiceAllocation(IObjectFeeds feeds, string cidr, AddressReservations addresses, PortReservations ports)
    {
        _addresses = addresses;
        _ports = ports;
        _ranges = new ServiceAddressRanges(IPNetwork.Parse(cidr));
        _subscription = feeds.Of(new GroupResource("networking.k8s.io", "servicecidrs")).Subscribe(_ranges);
    }

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation is AdmissionOperation.Create or AdmissionOperation.Update or AdmissionOperation.Delete
        && resource is { Group: "", Resource: "services" } && subresource.Length == 0;

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();

    /// <inheritdoc/>
    public override async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        var previous = request.Previous?.As<Service>();
        if (request.Object?["spec"] is JsonObject spec && (string?)spec["type"] is var type && type != "ExternalName")
        {
            request.IsChanged = true;
            await AllocateAddressesAsync(request, spec, previous, cancellationToken);
            if (type is "NodePort" || (type is "LoadBalancer" && (bool?)spec["allocateLoadBalancerNodePorts"] != false))
            {
                await AllocatePortsAsync(request, spec, previous, cancellationToken);
            }
            if (type is "LoadBalancer" && (string?)spec["externalTrafficPolicy"] == "Local")
            {
                await AllocateHealthPortAsync(request, spec, previous, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Validate(AdmissionRequest request)
    {
        if (request.Previous is not { } stored || request.DryRun)
        {
            return;
        }
        var previous = stored.As<Service>();
        // What is left of the Service, if it is not deleted, keeps what it names.
        var next = request.Object is { } item ? EncodedObject.Parse(ModelJson.ToUtf8(item)).As<Service>() : null;
        var service = stored.Key;
        foreach (var address in previous.Spec.ClusterIPs)
        {
            _addresses.ReleaseAfter(address, service, request.FollowUps, onlyWhenGone: next is null || next.Spec.ClusterIPs.Contains(address));
        }
        var had = ServicePorts.Of(previous);
        var dropped = next is null ? [] : had.Except(ServicePorts.Of(next)).ToList();
        if (had.Count > 0)
        {
            request.FollowUps.Add((end, token) => end switch
            {
                WriteEnd.Gone => _ports.ReleaseAsync([.. had], token),
                WriteEnd.Stored when dropped.Count > 0 => _ports.ReleaseAsync(dropped, token),
                _ => Task.CompletedTask,
            });
        }
    }

    private async Task AllocateAddressesAsync(AdmissionRequest request, JsonObject spec, Service? previous, CancellationToken cancellationToken)
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
                chosen = await NextAddressAsync(request, families[i], cancellationToken) ?? throw ApiError.Internal("failed to allocate a serviceIP: range is full");
            }
            else if (!had.Contains(chosen))
            {
                await TakeAddressAsync(request, chosen, cancellationToken);
            }
            addresses.Add((JsonNode)JsonValue.Create(chosen));
        }
        spec["clusterIP"] = addresses[0]!.DeepClone();
        spec["clusterIPs"] = addresses;
    }

    private async Task TakeAddressAsync(AdmissionRequest request, string wanted, CancellationToken cancellationToken)
    {
        var family = wanted.Contains(':') ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        if (!IPAddress.TryParse(wanted, out var address) || !_ranges.Contains(address))
        {
            throw Refuse(request, "clusterIPs", $"[\"{wanted}\"]", $"failed to allocate IP {wanted}: the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {_ranges.Describe(family)}");
        }
        if (!await TryTakeAsync(request, address.ToString(), cancellationToken))
        {
            throw Refuse(request, "clusterIPs", $"[\"{wanted}\"]", $"failed to allocate IP {wanted}: provided IP is already allocated");
        }
    }

    private async Task<string?> NextAddressAsync(AdmissionRequest request, AddressFamily family, CancellationToken cancellationToken)
    {
        foreach (var candidate in _ranges.Candidates(family))
        {
            var address = candidate.ToString();
            if (_addresses.SeemsFree(address) && await TryTakeAsync(request, address, cancellationToken))
            {
                return address;
            }
        }
        return null;
    }

    private Task<bool> TryTakeAsync(AdmissionRequest request, string address, CancellationToken cancellationToken) => request.DryRun
        ? Task.FromResult(_addresses.SeemsFree(address))
        : _addresses.TryTakeAsync(address, new NamespacedName(request.Namespace, request.Name), request.FollowUps, cancellationToken);

    private async Task AllocatePortsAsync(AdmissionRequest request, JsonObject spec, Service? previous, CancellationToken cancellationToken)
    {
        var own = new HashSet<int>(previous?.Spec.Ports.Select(port => port.NodePort ?? 0) ?? []);
        var index = 0;
        foreach (var port in spec["ports"] as JsonArray ?? [])
        {
            var wanted = (int)(port!.AsObject().Number("nodePort") ?? 0);
            if (wanted == 0)
            {
                wanted = await NextPortAsync(request, cancellationToken) ?? throw ApiError.Internal("failed to allocate a nodePort: range is full");
            }
            else if (!own.Contains(wanted))
            {
                await TakePortAsync(request, wanted, $"ports[{index}].nodePort", cancellationToken);
            }
            own.Add(wanted); // TCP and UDP of one Service may share a port
            port["nodePort"] = wanted;
            index++;
        }
    }

    private async Task AllocateHealthPortAsync(AdmissionRequest request, JsonObject spec, Service? previous, CancellationToken cancellationToken)
    {
        var wanted = (int)(spec.Number("healthCheckNodePort") ?? 0);
        if (wanted == 0)
        {
            spec["healthCheckNodePort"] = await NextPortAsync(request, cancellationToken)
                ?? throw ApiError.Internal("failed to allocate a HealthCheck NodePort: range is full");
        }
        else if (wanted != previous?.Spec.HealthCheckNodePort)
        {
            await TakePortAsync(request, wanted, "healthCheckNodePort", cancellationToken);
        }
    }

    private async Task TakePortAsync(AdmissionRequest request, int wanted, string field, CancellationToken cancellationToken)
    {
        var (first, last) = _ports.Range;
        if (wanted < first || wanted > last)
        {
            throw Refuse(request, field, $"{wanted}", $"provided port is not in the valid range. The range of valid ports is {first}-{last}");
        }
        if (await _ports.TakeAsync(wanted, request.DryRun ? null : request.FollowUps, cancellationToken) is null)
        {
            throw Refuse(request, field, $"{wanted}", "provided port is already allocated");
        }
    }

    private Task<int?> NextPortAsync(AdmissionRequest request, CancellationToken cancellationToken) =>
        _ports.TakeAsync(null, request.DryRun ? null : request.FollowUps, cancellationToken);

    private static ApiError Refuse(AdmissionRequest request, string field, string value, string detail) => ApiError.Invalid(
        ServiceKind, request.Name, [new FieldError(FieldErrorReason.FieldValueInvalid, $"spec.{field}", $"Invalid value: {value}: {detail}")]);
}
