using System.Globalization;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Networking.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.ServiceAddresses;

/// <summary>Says of each ServiceCIDR that it can be used, and keeps one that is deleted until no Service has an address of it alone.</summary>
internal sealed class ServiceCidrReconciler(ApiClient client, ILister<ServiceCIDR> ranges, ILister<IPAddress> addresses, TimeProvider time) : IReconciler
{
    private const string Finalizer = "networking.k8s.io/service-cidr-finalizer";

    /// <summary>How long it takes at the most until every API server has stopped to give out addresses of a range that is deleted.</summary>
    private static readonly TimeSpan DeletionGrace = TimeSpan.FromSeconds(10);

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (ranges.Get(key) is not { } range)
        {
            return Requeue.OnChange;
        }
        if (range.Metadata.DeletionTimestamp is not { } deleted)
        {
            await MarkReadyAsync(range, cancellationToken);
            return Requeue.OnChange;
        }
        if (!range.Metadata.Finalizers.Contains(Finalizer))
        {
            return Requeue.OnChange;
        }
        if (IsInUse(range))
        {
            const string reason = "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR";
            await SetReadyAsync(range, "False", "Terminating", reason, cancellationToken);
            return Requeue.OnChange;
        }
        if (deleted + DeletionGrace - time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            return Requeue.In(left);
        }
        await PatchFinalizersAsync(range, "$deleteFromPrimitiveList/finalizers", cancellationToken);
        return Requeue.OnChange;
    }

    private async Task MarkReadyAsync(ServiceCIDR range, CancellationToken cancellationToken)
    {
        if (!range.Metadata.Finalizers.Contains(Finalizer))
        {
            await PatchFinalizersAsync(range, "finalizers", cancellationToken);
        }
        await SetReadyAsync(range, "True", "", "Kubernetes Service CIDR is ready", cancellationToken);
    }

    private bool IsInUse(ServiceCIDR range) => !ranges.IsCoveredByOthers(range) && addresses.List().Any(
        address => address.Metadata.Labels.GetValueOrDefault(IPAddressReconciler.ManagedByLabel) == IPAddressReconciler.Manager
            && System.Net.IPAddress.TryParse(address.Metadata.Name, out var parsed)
            && range.Contains(parsed)
            && !ranges.Containing(parsed).Any(other => other.Metadata.Name != range.Metadata.Name));

    private Task PatchFinalizersAsync(ServiceCIDR range, string field, CancellationToken cancellationToken) => client.PatchAsync<ServiceCIDR>(
        "",
        range.Metadata.Name!,
        "",
        Patch.Strategic(new JsonObject { ["metadata"] = new JsonObject { [field] = new JsonArray(JsonValue.Create(Finalizer)) } }),
        cancellationToken);

    private async Task SetReadyAsync(ServiceCIDR range, string status, string reason, string message, CancellationToken cancellationToken)
    {
        if (range.Status.Conditions.Any(condition => condition.Type == "Ready" && condition.Status == status && condition.Reason == reason))
        {
            return;
        }
        var condition = new JsonObject
        {
            ["type"] = JsonValue.Create("Ready"),
            ["status"] = JsonValue.Create(status),
            ["reason"] = JsonValue.Create(reason),
            ["message"] = JsonValue.Create(message),
            ["lastTransitionTime"] = JsonValue.Create(time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        };
        await client.PatchAsync<ServiceCIDR>(
            "",
            range.Metadata.Name!,
            "status",
            Patch.Strategic(new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } }),
            cancellationToken);
    }
}
