using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Jobs;

/// <summary>Lets go of pods that have been counted.</summary>
internal static class TrackedPods
{
    /// <exception cref="ApiException">The server refused.</exception>
    public static async Task ReleaseAsync(JobTools tools, NamespacedName job, Pod pod, CancellationToken cancellationToken)
    {
        tools.Released.Add(job, pod.Metadata.Uid!);
        try
        {
            await ReleaseAsync(tools.Client, pod, cancellationToken);
        }
        catch
        {
            tools.Released.Remove(job, pod.Metadata.Uid!);
            throw;
        }
    }

    /// <exception cref="ApiException">The server refused.</exception>
    public static async Task ReleaseAsync(ApiClient client, Pod pod, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = pod.Metadata.Uid,
                ["$deleteFromPrimitiveList/finalizers"] = new JsonArray(JsonValue.Create(JobNames.TrackingFinalizer)),
            },
        };
        try
        {
            await client.PatchAsync<Pod>(pod.Metadata.Namespace!, pod.Metadata.Name!, "", Patch.Strategic(patch), cancellationToken);
        }
        catch (ApiException exception) when (exception.IsNotFound || exception.IsConflict || exception.Code == 422)
        {
            // Gone, or another's by now: the precondition on the uid does not hold.
        }
    }
}
