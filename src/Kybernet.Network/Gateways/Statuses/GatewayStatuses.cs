using Kybernet.Api.Core.V1;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Json;
using Kybernet.Client;
using Kybernet.Network.Gateways.Attachment;

namespace Kybernet.Network.Gateways.Statuses;

/// <summary>Tells in each Gateway's status what became of it.</summary>
internal sealed class GatewayStatuses(ApiClient client, TimeProvider time, TimeSpan patience)
{
    private const string IPAddressType = "IPAddress";

    /// <summary>Says that a Gateway is not served at all.</summary>
    public Task RefuseAsync(Gateway gateway, Problem problem, CancellationToken cancellationToken)
    {
        var conditions = new ConditionList(gateway.Status.Conditions, gateway.Metadata.Generation, time.GetUtcNow())
            .SetGood(GatewayApi.Conditions.Accepted, problem)
            .SetGood(GatewayApi.Conditions.Programmed, new Problem(GatewayApi.Reasons.Invalid, problem.Message));
        return WriteAsync(gateway, gateway.Status with { Addresses = [], Conditions = conditions.All, Listeners = [] }, cancellationToken);
    }

    /// <summary>Says how a Gateway is served.</summary>
    /// <returns>Whether it is still being waited for a load balancer.</returns>
    public async Task<bool> WriteAsync(Gateway gateway, GatewayPlan plan, Service? service, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (addresses, isWaiting) = AddressesOf(service, GatewayService.AskedAddresses(gateway).Count > 0, now);
        var conditions = new ConditionList(gateway.Status.Conditions, gateway.Metadata.Generation, now)
            .Set(GatewayApi.Conditions.Accepted, Accepted(plan, out var reason), reason, reason == GatewayApi.Conditions.Accepted ? "" : "a listener is not valid")
            .SetGood(GatewayApi.Conditions.Programmed, NotProgrammed(gateway, plan, addresses));
        SetTlsConditions(conditions, gateway, plan);
        var status = gateway.Status with
        {
            Addresses = addresses,
            Conditions = conditions.All,
            Listeners = [.. plan.Listeners.Select(listener => StatusOf(gateway, plan, listener, now))],
        };
        await WriteAsync(gateway, status, cancellationToken);
        return isWaiting;
    }

    /// <summary>Conditions that only Gateways with the fields have that they are about.</summary>
    private static void SetTlsConditions(ConditionList conditions, Gateway gateway, GatewayPlan plan)
    {
        _ = gateway.Spec.Tls?.Backend?.ClientCertificateRef is null
            ? conditions.Remove(GatewayApi.Conditions.ResolvedRefs)
            : conditions.SetGood(GatewayApi.Conditions.ResolvedRefs, plan.Unresolved);
        _ = ClientValidation.IsInsecure(gateway)
            ? conditions.Set(GatewayApi.Conditions.InsecureFrontendValidationMode, isTrue: true, GatewayApi.Reasons.ConfigurationChanged, "clients are let in whatever certificate they have")
            : conditions.Remove(GatewayApi.Conditions.InsecureFrontendValidationMode);
    }

    private static bool Accepted(GatewayPlan plan, out string reason)
    {
        reason = plan.Listeners.All(static listener => listener.IsAccepted) ? GatewayApi.Conditions.Accepted : GatewayApi.Reasons.ListenersNotValid;
        return plan.Listeners.Any(static listener => listener.IsAccepted);
    }

    private static Problem? NotProgrammed(Gateway gateway, GatewayPlan plan, IReadOnlyList<GatewayStatusAddress> addresses)
    {
        if (!plan.Listeners.Any(static listener => listener.IsServing))
        {
            return new Problem(GatewayApi.Reasons.Invalid, "no listener can be served");
        }
        var missing = GatewayService.AskedAddresses(gateway).Except(addresses.Select(static address => address.Value)).ToList();
        if (missing.Count > 0)
        {
            return new Problem(GatewayApi.Reasons.AddressNotUsable, $"the load balancer does not have the address {string.Join(", ", missing)}");
        }
        return addresses.Count == 0 ? new Problem(GatewayApi.Reasons.AddressNotAssigned, "there is no address yet") : null;
    }

    /// <summary>Where no load balancer answers, there is still the address that the cluster knows.</summary>
    private (IReadOnlyList<GatewayStatusAddress> Addresses, bool IsWaiting) AddressesOf(Service? service, bool isAsked, DateTimeOffset now)
    {
        if (service is null)
        {
            return ([], false);
        }
        var given = service.Status.LoadBalancer?.Ingress ?? [];
        if (given.Count > 0)
        {
            return ([.. given.Select(static ingress => new GatewayStatusAddress { Type = ingress.Ip is null ? "Hostname" : IPAddressType, Value = ingress.Ip ?? ingress.Hostname ?? "" })], false);
        }
        if (isAsked || now - service.Metadata.CreationTimestamp < patience)
        {
            return ([], !isAsked);
        }
        return ([.. service.Spec.ClusterIPs.Select(static address => new GatewayStatusAddress { Type = IPAddressType, Value = address })], false);
    }

    private static ListenerStatus StatusOf(Gateway gateway, GatewayPlan plan, ListenerState listener, DateTimeOffset now)
    {
        var known = gateway.Status.Listeners.FirstOrDefault(status => status.Name == listener.Spec.Name);
        var conditions = new ConditionList(known?.Conditions ?? [], gateway.Metadata.Generation, now)
            .SetGood(GatewayApi.Conditions.Accepted, listener.Invalid ?? (listener.Conflict is { } conflict ? conflict with { Reason = GatewayApi.Reasons.Invalid } : null))
            .Set(GatewayApi.Conditions.Conflicted, listener.Conflict is not null, listener.Conflict?.Reason ?? GatewayApi.Reasons.NoConflicts, listener.Conflict?.Message ?? "")
            .SetGood(GatewayApi.Conditions.ResolvedRefs, listener.Unresolved)
            .SetGood(GatewayApi.Conditions.Programmed, listener.IsServing ? null : new Problem(GatewayApi.Reasons.Invalid, "the listener is not valid"));
        conditions = listener.Overlaps
            ? conditions.Set(GatewayApi.Conditions.OverlappingTlsConfig, isTrue: true, GatewayApi.Reasons.OverlappingHostnames, "another listener of the port has a hostname in common")
            : conditions.Remove(GatewayApi.Conditions.OverlappingTlsConfig);
        return new ListenerStatus
        {
            Name = listener.Spec.Name,
            SupportedKinds = [.. listener.Kinds.Select(static kind => new RouteGroupKind { Group = GatewayApi.Group, Kind = kind })],
            AttachedRoutes = plan.AttachedRoutes(listener),
            Conditions = conditions.All,
        };
    }

    private Task WriteAsync(Gateway gateway, GatewayStatus status, CancellationToken cancellationToken) =>
        ModelJson.Same(status, gateway.Status) ? Task.CompletedTask : client.UpdateStatusAsync(gateway with { Status = status }, cancellationToken);
}
