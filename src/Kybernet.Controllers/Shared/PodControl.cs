using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers;

/// <summary>Makes and deletes pods for those that manage them, and tells the user.</summary>
internal sealed class PodControl(ApiClient client, IEventRecorder events)
{
    private const string NamespaceTerminating = "NamespaceTerminating";

    /// <summary>The pod that a template describes, for its manager.</summary>
    public static Pod FromTemplate(PodTemplateSpec template, IKubernetesObject owner)
    {
        var metadata = template.Metadata;
        return new Pod
        {
            Metadata = new ObjectMeta
            {
                GenerateName = owner.Metadata.Name + "-",
                Namespace = owner.Metadata.Namespace,
                Labels = metadata.Labels,
                Annotations = metadata.Annotations,
                Finalizers = metadata.Finalizers,
                OwnerReferences = [OwnerReferences.ControllerOf(owner)],
            },
            Spec = template.Spec,
        };
    }

    /// <summary>Whether a failure says that the namespace is being deleted, so that nothing will succeed there any more.</summary>
    public static bool IsNamespaceTerminating(ApiException exception)
    {
        foreach (var cause in exception.Status.Details?.Causes ?? [])
        {
            if (cause.Reason == NamespaceTerminating)
            {
                return true;
            }
        }
        return false;
    }

    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<Pod> CreateAsync(Pod pod, IKubernetesObject owner, CancellationToken cancellationToken)
    {
        try
        {
            var made = await client.CreateAsync(pod, cancellationToken);
            events.Record(owner, EventType.Normal, "SuccessfulCreate", $"Created pod: {made.Metadata.Name}");
            return made;
        }
        catch (ApiException exception) when (!IsNamespaceTerminating(exception))
        {
            events.Record(owner, EventType.Warning, "FailedCreate", $"Error creating: {exception.Message}");
            throw;
        }
    }

    /// <returns>Whether it was there to be deleted.</returns>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<bool> DeleteAsync(Pod pod, IKubernetesObject owner, CancellationToken cancellationToken)
    {
        try
        {
            // By uid: a pod of the same name that came meanwhile is another's.
            var options = new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } };
            if (!await client.DeleteAsync<Pod>(pod.Metadata.Namespace!, pod.Metadata.Name!, options, cancellationToken))
            {
                return false;
            }
            events.Record(owner, EventType.Normal, "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
            return true;
        }
        catch (ApiException exception)
        {
            events.Record(owner, EventType.Warning, "FailedDelete", $"Error deleting: {exception.Message}");
            throw;
        }
    }
}
