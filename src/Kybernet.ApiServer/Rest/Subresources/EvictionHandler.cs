using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Policy.V1;
using Kybernet.Api.Selectors;
using Kybernet.ApiServer.Pipeline;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Rest.Subresources;

/// <summary>Deletes a pod if its disruption budget allows: <c>pods/eviction</c>.</summary>
internal sealed class EvictionHandler(EndpointRegistry endpoints, ObjectDeleter deleter, ObjectUpdater updater, TimeProvider time) : ISubresourceHandler
{
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Budgets = new("policy", "v1", "poddisruptionbudgets");

    /// <inheritdoc/>
    public IEnumerable<(GroupResource Resource, string Subresource)> Handles { get; } = [(Pods.GroupResource, "eviction")];

    /// <inheritdoc/>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var eviction = Decode(request);
        var endpoint = endpoints.Find(Pods)!;
        var current = endpoint.Require(request.Info.Namespace, request.Info.Name);
        var options = eviction.DeleteOptions ?? DeleteOptions.Empty;
        if (WriteOptions.Parse(request.Query).DryRun)
        {
            options = options with { DryRun = ["All"] };
        }
        var pod = current.As<Pod>();
        if (pod.Status.Phase is not ("Succeeded" or "Failed" or "Pending") && !current.Header.IsDeleting)
        {
            await TakeFromBudgetAsync(request, current, options.DryRun.Count > 0, cancellationToken);
        }
        await deleter.DeleteAsync(endpoint, request, current.Key.Namespace, current.Key.Name, options, cancellationToken);
        return BodyResponse.Json(201, new Status { StatusValue = "Success", Code = 201 });
    }

    private static Eviction Decode(ApiRequest request)
    {
        try
        {
            var eviction = ModelJson.Parse<Eviction>(BodyDecoder.ToJson(request));
            return eviction.Metadata.Name is null or "" || eviction.Metadata.Name == request.Info.Name
                ? eviction
                : throw ApiError.BadRequest("name in URL does not match name in Eviction object");
        }
        catch (JsonException exception)
        {
            throw ApiError.BadRequest($"Eviction in version \"v1\" cannot be handled as a Eviction: {exception.Message}");
        }
    }

    /// <summary>Counts the disruption in the pod's budget before it happens, so that two evictions at once cannot both have the last one.</summary>
    private async ValueTask TakeFromBudgetAsync(ApiRequest request, EncodedObject pod, bool dryRun, CancellationToken cancellationToken)
    {
        var endpoint = endpoints.Find(Budgets)!;
        var budgets = new List<EncodedObject>();
        foreach (var (_, item) in endpoint.Cache.Snapshot.Items)
        {
            if (item.Header.Namespace == pod.Header.Namespace
                && Selector.From(item.As<PodDisruptionBudget>().Spec.Selector).Matches(pod.Header.Labels))
            {
                budgets.Add(item);
            }
        }
        if (budgets.Count == 0)
        {
            return;
        }
        if (budgets.Count > 1)
        {
            throw ApiError.Internal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }
        if (MayGoUnhealthy(pod.As<Pod>(), budgets[0].As<PodDisruptionBudget>()))
        {
            return;
        }
        var target = request with { Info = request.Info with { ApiGroup = "policy", Resource = "poddisruptionbudgets", Subresource = "status", Name = budgets[0].Key.Name } };
        await updater.UpdateAsync(
            new UpdateRequest(endpoint, target, "status", dryRun) { Change = (budget, item) => Take(budget, item, pod.Key.Name) }, cancellationToken);
    }

    /// <summary>Whether a pod may go without asking the budget, because it is not healthy and so not counted on.</summary>
    private static bool MayGoUnhealthy(Pod pod, PodDisruptionBudget budget)
    {
        if (pod.Status.Conditions.Any(static condition => condition is { Type: "Ready", Status: "True" }))
        {
            return false;
        }
        var status = budget.Status;
        return budget.Spec.UnhealthyPodEvictionPolicy == "AlwaysAllow" || (status.CurrentHealthy >= status.DesiredHealthy && status.DesiredHealthy > 0);
    }

    private JsonObject Take(EncodedObject current, JsonObject item, string podName)
    {
        var budget = current.As<PodDisruptionBudget>();
        if ((budget.Status.ObservedGeneration ?? 0) < (budget.Metadata.Generation ?? 0))
        {
            throw Refuse($"The disruption budget {budget.Metadata.Name} is still being processed by the server.");
        }
        if (budget.Status.DisruptionsAllowed <= 0)
        {
            throw Refuse(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The disruption budget {budget.Metadata.Name} needs {budget.Status.DesiredHealthy} healthy pods and has {budget.Status.CurrentHealthy} currently"));
        }
        var status = item["status"]!.AsObject();
        status["disruptionsAllowed"] = budget.Status.DisruptionsAllowed - 1;
        (status["disruptedPods"] ??= new JsonObject())[podName] = MetadataTree.Time(time.GetUtcNow());
        return item;
    }

    private static ApiError Refuse(string message) => ApiError.TooManyRequests(
        "Cannot evict pod as it would violate the pod's disruption budget.",
        0,
        new StatusDetails { Causes = [new StatusCause { Reason = "DisruptionBudget", Message = message }] });
}
