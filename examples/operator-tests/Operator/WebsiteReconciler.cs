using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Websites.Operator;

/// <summary>Brings the cluster closer to what a Website asks for. It may run at any time, twice, or late.</summary>
public sealed class WebsiteReconciler(IKubernetes client, TimeProvider time)
{
    public const string Finalizer = "example.com/farewell";

    private readonly GenericClient _websites = new(client, "example.com", "v1", "websites", disposeClient: false);

    /// <summary>Reconciles one.</summary>
    /// <returns>When to look again though nothing changed; null for never.</returns>
    public async Task<TimeSpan?> ReconcileAsync(string space, string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(() => _websites.ReadNamespacedAsync<Website>(space, name, cancellationToken)) is not { } website)
        {
            return null;
        }
        if (website.DeletionTimestamp() is not null)
        {
            await SayFarewellAsync(website, cancellationToken);
            return null;
        }
        if (website.Metadata.Finalizers?.Contains(Finalizer) != true)
        {
            website.Metadata.Finalizers = [.. website.Metadata.Finalizers ?? [], Finalizer];
            website = await _websites.ReplaceNamespacedAsync(website, space, name, cancellationToken);
        }
        var left = website.Spec.TakeDownAfterMinutes is { } minutes
            ? website.Metadata.CreationTimestamp!.Value + TimeSpan.FromMinutes(minutes) - time.GetUtcNow().UtcDateTime
            : (TimeSpan?)null;
        var replicas = left <= TimeSpan.Zero ? 0 : website.Spec.Replicas;
        var deployment = await EnsureDeploymentAsync(website, replicas, cancellationToken);
        var ready = deployment.Status?.ReadyReplicas ?? 0;
        var phase = left <= TimeSpan.Zero ? "TakenDown" : ready >= replicas ? "Up" : "Starting";
        if (website.Status?.Phase != phase || website.Status.ReadyReplicas != ready)
        {
            website.Status = new WebsiteStatus { Phase = phase, ReadyReplicas = ready };
            await client.CustomObjects.ReplaceNamespacedCustomObjectStatusAsync(website, "example.com", "v1", space, "websites", name, cancellationToken: cancellationToken);
        }
        return left > TimeSpan.Zero ? left : null;
    }

    private async Task<V1Deployment> EnsureDeploymentAsync(Website website, int replicas, CancellationToken cancellationToken)
    {
        var (space, name) = (website.Namespace(), website.Name());
        var labels = new Dictionary<string, string> { ["website"] = name };
        var existing = await FindAsync(() => client.AppsV1.ReadNamespacedDeploymentAsync(name, space, cancellationToken: cancellationToken));
        if (existing is null)
        {
            return await client.AppsV1.CreateNamespacedDeploymentAsync(
                new V1Deployment
                {
                    Metadata = new V1ObjectMeta { Name = name, OwnerReferences = [website.MakeOwnerReference()] },
                    Spec = new V1DeploymentSpec
                    {
                        Replicas = replicas,
                        Selector = new V1LabelSelector { MatchLabels = labels },
                        Template = new V1PodTemplateSpec
                        {
                            Metadata = new V1ObjectMeta { Labels = labels },
                            Spec = new V1PodSpec { Containers = [new V1Container { Name = "web", Image = website.Spec.Image }] },
                        },
                    },
                },
                space,
                cancellationToken: cancellationToken);
        }
        var container = existing.Spec.Template.Spec.Containers[0];
        if (existing.Spec.Replicas == replicas && container.Image == website.Spec.Image)
        {
            return existing;
        }
        existing.Spec.Replicas = replicas;
        container.Image = website.Spec.Image;
        return await client.AppsV1.ReplaceNamespacedDeploymentAsync(existing, name, space, cancellationToken: cancellationToken);
    }

    private async Task SayFarewellAsync(Website website, CancellationToken cancellationToken)
    {
        if (website.Metadata.Finalizers?.Remove(Finalizer) != true)
        {
            return;
        }
        var letter = new V1ConfigMap { Metadata = new V1ObjectMeta { Name = $"{website.Name()}-farewell" }, Data = new Dictionary<string, string> { ["said"] = "goodbye" } };
        try
        {
            await client.CoreV1.CreateNamespacedConfigMapAsync(letter, website.Namespace(), cancellationToken: cancellationToken);
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // Said already, in a run that ended too early.
        }
        catch (HttpOperationException exception) when (exception.Response.Content.Contains("NamespaceTerminating", StringComparison.Ordinal))
        {
            // The namespace goes too, and takes no letters any more. Without this it would wait for us, and we for it: a real controller found it out.
        }
        await _websites.ReplaceNamespacedAsync(website, website.Namespace(), website.Name(), cancellationToken);
    }

    private static async Task<T?> FindAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}

internal static class Owning
{
    public static V1OwnerReference MakeOwnerReference(this Website website) => new()
    {
        ApiVersion = website.ApiVersion,
        Kind = website.Kind,
        Name = website.Name(),
        Uid = website.Uid(),
        Controller = true,
        BlockOwnerDeletion = true,
    };
}
