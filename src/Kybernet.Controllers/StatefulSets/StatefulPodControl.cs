using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.StatefulSets;

/// <summary>Makes, mends and deletes the pods of StatefulSets with their claims, and tells the user.</summary>
internal sealed class StatefulPodControl(ApiClient client, StatefulClaims claims, IEventRecorder events)
{
    /// <returns>The pod as the server made it; null where something has the name already, or its claims are about to go.</returns>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<Pod?> CreateAsync(StatefulSet set, Pod pod, int ordinal, CancellationToken cancellationToken)
    {
        if (claims.AreStale(set, pod, ordinal))
        {
            return null;
        }
        try
        {
            await claims.CreateMissingAsync(set, ordinal, cancellationToken);
            var made = await client.CreateAsync(pod, cancellationToken);
            Tell(set, pod, "create");
            await claims.ApplyRetentionAsync(set, made, ordinal, cancellationToken);
            return made;
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            return null;
        }
        catch (ApiException exception)
        {
            TellFailure(set, pod, "create", exception);
            throw;
        }
    }

    /// <summary>Sees to it that a pod has its identity and its claims.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task MendAsync(StatefulSet set, Pod pod, int ordinal, CancellationToken cancellationToken)
    {
        await claims.ApplyRetentionAsync(set, pod, ordinal, cancellationToken);
        if (StatefulPods.HasIdentity(pod, ordinal))
        {
            return;
        }
        try
        {
            await client.UpdateAsync(StatefulPods.WithIdentity(pod, ordinal), cancellationToken);
            Tell(set, pod, "update");
        }
        catch (ApiException exception) when (!exception.IsConflict)
        {
            TellFailure(set, pod, "update", exception);
            throw;
        }
    }

    /// <exception cref="ApiException">The server refused.</exception>
    public async Task DeleteAsync(StatefulSet set, Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            var options = new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } };
            if (await client.DeleteAsync<Pod>(pod.Metadata.Namespace!, pod.Metadata.Name!, options, cancellationToken))
            {
                Tell(set, pod, "delete");
            }
        }
        catch (ApiException exception) when (!exception.IsConflict)
        {
            TellFailure(set, pod, "delete", exception);
            throw;
        }
    }

    private static string Reason(string outcome, string verb) => outcome + char.ToUpperInvariant(verb[0]) + verb[1..];

    private void Tell(StatefulSet set, Pod pod, string verb) =>
        events.Record(set, EventType.Normal, Reason("Successful", verb), $"{verb} Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} successful");

    private void TellFailure(StatefulSet set, Pod pod, string verb, ApiException failure) => events.Record(
        set, EventType.Warning, Reason("Failed", verb), $"{verb} Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} failed error: {failure.Message}");
}
