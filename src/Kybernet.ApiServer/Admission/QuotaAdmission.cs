using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Quotas;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.Admission;

/// <summary>
/// Turns away what would use more than the quotas of its namespace have left. What is let in is written into their status before it is stored, so that
/// two writes at once cannot both have the last of it; the quota controller puts right what was let in and then not stored.
/// </summary>
internal sealed class QuotaAdmission(StoreFollower follower, ObjectStorage storage, EndpointRegistry endpoints) : AdmissionPlugin
{
    private static readonly GroupVersionResource Quotas = new("", "v1", "resourcequotas");
    private readonly ResourceCache _quotas = follower.Cache(Quotas.GroupResource);

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        _quotas.Snapshot.Items.Count > 0 && operation switch
        {
            AdmissionOperation.Create => subresource.Length == 0,
            // Nothing else can use more than it did when it was made.
            AdmissionOperation.Update => resource is { Group: "", Resource: "services" or "persistentvolumeclaims" } && subresource.Length == 0
                || (resource is { Group: "", Resource: "pods" } && subresource == "resize"),
            _ => false,
        };

    /// <inheritdoc/>
    public override async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Namespace.Length == 0 || request.Object is null)
        {
            return;
        }
        var item = EncodedObject.Parse(ModelJson.ToUtf8(request.Object));
        foreach (var (_, quota) in _quotas.Snapshot.Items)
        {
            if (quota.Header.Namespace == request.Namespace)
            {
                await TakeAsync(request, item, quota, cancellationToken);
            }
        }
    }

    private async ValueTask TakeAsync(AdmissionRequest request, EncodedObject item, EncodedObject encoded, CancellationToken cancellationToken)
    {
        for (EncodedObject? current = encoded; current is not null; current = _quotas.Find(encoded.Key.Namespace, encoded.Key.Name))
        {
            var quota = current.As<ResourceQuota>();
            if (Charge(request, item, quota) is not { } charged || request.DryRun
                || await storage.UpdateAsync(endpoints.Find(Quotas)!, EncodedObject.From(charged), current, cancellationToken) is not null)
            {
                return;
            }
            await storage.CatchUpAsync(cancellationToken); // somebody else took from it: look again
        }
    }

    /// <returns>The quota with what the object uses; null where it uses nothing of it.</returns>
    private static ResourceQuota? Charge(AdmissionRequest request, EncodedObject item, ResourceQuota quota)
    {
        var name = quota.Metadata.Name;
        var resource = request.Resource.GroupResource;
        if (request.Previous is null && resource is { Group: "", Resource: "pods" } && QuotaUsage.Unspecified(quota.Spec, item.As<Pod>()) is { Count: > 0 } missing)
        {
            throw ApiError.Forbidden(resource, request.Name, $"failed quota: {name}: must specify {string.Join(",", missing)}");
        }
        var asked = QuotaUsage.Of(quota.Spec, resource, item);
        foreach (var (limit, quantity) in request.Previous is { } previous ? QuotaUsage.Of(quota.Spec, resource, previous) : [])
        {
            asked[limit] = asked.GetValueOrDefault(limit) - quantity;
        }
        if (asked.Values.All(static quantity => quantity.IsZero))
        {
            return null;
        }
        var used = new Dictionary<string, Quantity>(quota.Status.Used, StringComparer.Ordinal);
        var exceeded = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (limit, quantity) in asked)
        {
            used[limit] = used.GetValueOrDefault(limit) + quantity;
            if (quantity.Sign > 0 && used[limit] > quota.Spec.Hard[limit])
            {
                exceeded.Add(limit);
            }
        }
        if (exceeded.Count > 0)
        {
            throw ApiError.Forbidden(
                resource, request.Name,
                $"exceeded quota: {name}, requested: {List(exceeded, asked)}, used: {List(exceeded, quota.Status.Used)}, limited: {List(exceeded, quota.Spec.Hard)}");
        }
        // What is stored carries no revision: the cache puts it in.
        return quota with { Metadata = quota.Metadata with { ResourceVersion = null }, Status = quota.Status with { Used = used } };
    }

    private static string List(IEnumerable<string> names, IReadOnlyDictionary<string, Quantity> quantities) =>
        string.Join(",", names.Select(name => $"{name}={quantities.GetValueOrDefault(name)}"));
}
