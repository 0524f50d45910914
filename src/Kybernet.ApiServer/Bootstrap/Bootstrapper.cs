using System.Net;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Aggregation;
using Kybernet.Client;

namespace Kybernet.ApiServer.Bootstrap;

/// <summary>
/// Sees to it that the objects that every cluster has are there and as they should be. It lists what is there and writes only the difference, so that a
/// second start writes nothing. What does not depend on one another is written at once: the store makes all of it durable with a few waits for the disk
/// instead of one an object.
/// </summary>
/// <param name="client">Reaches the server as <c>system:apiserver</c> of <c>system:masters</c>.</param>
/// <param name="settings">What the objects have to say of the cluster.</param>
public sealed class Bootstrapper(ApiClient client, BootstrapSettings settings)
{
    /// <summary>Ensures all of them: namespaces first, for the others live in them.</summary>
    /// <exception cref="ApiException">The server refused an object.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        await EnsureAllAsync(ClusterFacts.Namespaces.Select(NamespaceOf), Keep, cancellationToken);
        // Each on a thread of its own where there is one: on a store in memory nothing waits, and in a cold process everything is slow.
        var ensured = new List<Task>
        {
            Task.Run(() => EnsurePolicyAsync(cancellationToken), cancellationToken),
            Task.Run(() => EnsureAllAsync(ClusterFacts.PriorityClasses(), Keep, cancellationToken), cancellationToken),
            Task.Run(() => EnsureFlowControlAsync(cancellationToken), cancellationToken),
            Task.Run(() => EnsureAllAsync(LocalServices.BuiltIn(settings.Served), Keep, cancellationToken), cancellationToken),
            EnsureAllAsync([ClusterFacts.ServiceCidr(settings)], Keep, cancellationToken),
            EnsureAllAsync([ClusterFacts.KubernetesService(settings)], Reconcile, cancellationToken),
            EnsureAllAsync([ClusterFacts.ExtensionAuthentication(settings)], Reconcile, cancellationToken),
        };
        // A loopback address leads nowhere from inside a pod: a server that has no other is not to be found through its Service.
        if (!IPAddress.IsLoopback(IPAddress.Parse(settings.AdvertiseAddress)))
        {
            ensured.Add(EnsureAllAsync([ClusterFacts.KubernetesEndpoints(settings)], Reconcile, cancellationToken));
            ensured.Add(EnsureAllAsync([ClusterFacts.KubernetesEndpointSlice(settings)], Reconcile, cancellationToken));
        }
        await Task.WhenAll(ensured);
    }

    /// <summary>Ensures the priority levels and flow schemas: some of them whatever anybody does.</summary>
    /// <exception cref="ApiException">The server refused an object.</exception>
    public Task EnsureFlowControlAsync(CancellationToken cancellationToken) => Task.WhenAll(
        EnsureAllAsync(FlowControlFacts.Levels(), FlowControlFacts.Reconcile, cancellationToken),
        EnsureAllAsync(FlowControlFacts.Schemas(), FlowControlFacts.Reconcile, cancellationToken));

    private async Task EnsurePolicyAsync(CancellationToken cancellationToken)
    {
        var policy = BootstrapPolicy.Objects();
        // Who binds a role needs not have it made before: this server may bind what it likes.
        await Task.WhenAll(
            Task.Run(() => EnsureAllAsync(policy.OfType<ClusterRole>(), RbacReconciliation.Reconcile, cancellationToken), cancellationToken),
            Task.Run(() => EnsureAllAsync(policy.OfType<Role>(), RbacReconciliation.Reconcile, cancellationToken), cancellationToken),
            Task.Run(() => EnsureBindingsAsync<ClusterRoleBinding>(policy, RbacReconciliation.Reconcile, cancellationToken), cancellationToken),
            Task.Run(() => EnsureBindingsAsync<RoleBinding>(policy, RbacReconciliation.Reconcile, cancellationToken), cancellationToken));
    }

    private delegate T? BindingReconciliation<T>(T expected, T actual, out bool mustRecreate);

    private async Task EnsureBindingsAsync<T>(IEnumerable<IKubernetesObject> policy, BindingReconciliation<T> reconcile, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        var wanted = policy.OfType<T>().ToArray();
        var actual = await ListAsync<T>(wanted, cancellationToken);
        await Task.WhenAll(wanted.Select(binding => EnsureBindingAsync(binding, actual.GetValueOrDefault(KeyOf(binding)), reconcile, cancellationToken)));
    }

    private async Task EnsureBindingAsync<T>(T binding, T? existing, BindingReconciliation<T> reconcile, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        if (existing is not null)
        {
            if (reconcile(binding, existing, out var mustRecreate) is not { } reconciled)
            {
                return;
            }
            if (!mustRecreate)
            {
                await UpdateAsync(reconciled, cancellationToken);
                return;
            }
            // The role that a binding names cannot be changed.
            await client.DeleteAsync<T>(binding.Metadata.Namespace ?? "", binding.Metadata.Name!, new DeleteOptions(), cancellationToken);
        }
        await CreateAsync(binding, cancellationToken);
    }

    private async Task EnsureAllAsync<T>(IEnumerable<T> wanted, Func<T, T, T?> reconcile, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        var items = wanted.ToArray();
        var actual = await ListAsync<T>(items, cancellationToken);
        await Task.WhenAll(items.Select(item => EnsureAsync(item, actual.GetValueOrDefault(KeyOf(item)), reconcile, cancellationToken)));
    }

    private async Task EnsureAsync<T>(T item, T? existing, Func<T, T, T?> reconcile, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        if (existing is null)
        {
            await CreateAsync(item, cancellationToken);
        }
        else if (reconcile(item, existing) is { } reconciled)
        {
            await UpdateAsync(reconciled, cancellationToken);
        }
    }

    private async Task CreateAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        try
        {
            await client.CreateAsync(item, cancellationToken);
        }
        catch (ApiException)
        {
            // Another server of the same cluster may start too and have been quicker: then the name is taken, or an address that the object asks for.
            if (await client.FindAsync<T>(item.Metadata.Namespace ?? "", item.Metadata.Name!, cancellationToken) is null)
            {
                throw;
            }
        }
    }

    private async Task UpdateAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        try
        {
            await client.UpdateAsync(item, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsConflict)
        {
            // As above: it is being made what it should be.
        }
    }

    /// <summary>What is there of a kind, in the namespaces that matter: a cluster may have very many objects of it elsewhere.</summary>
    private async Task<Dictionary<NamespacedName, T>> ListAsync<T>(T[] wanted, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        var found = new Dictionary<NamespacedName, T>();
        if (wanted.Length == 1)
        {
            var key = KeyOf(wanted[0]);
            if (await client.FindAsync<T>(key.Namespace, key.Name, cancellationToken) is { } item)
            {
                found[key] = item;
            }
            return found;
        }
        foreach (var @namespace in wanted.Select(item => item.Metadata.Namespace ?? "").Distinct())
        {
            foreach (var item in await client.ListAsync<T>(@namespace, ListSelection.All, cancellationToken))
            {
                found[KeyOf(item)] = item;
            }
        }
        return found;
    }

    private static Namespace NamespaceOf(string name) => new() { Metadata = new ObjectMeta { Name = name } };

    private static NamespacedName KeyOf<T>(T item)
        where T : class, IResourceObject<T> => new(item.Metadata.Namespace ?? "", item.Metadata.Name ?? "");

    /// <summary>What is there may have been changed on purpose.</summary>
    private static T? Keep<T>(T expected, T actual)
        where T : class, IResourceObject<T> => null;

    private static Service? Reconcile(Service expected, Service actual)
    {
        var reconciled = actual with { Spec = actual.Spec with { Ports = expected.Spec.Ports } };
        return ModelJson.Same(actual, reconciled) ? null : reconciled;
    }

    private static Endpoints? Reconcile(Endpoints expected, Endpoints actual)
    {
        var reconciled = actual with { Subsets = expected.Subsets };
        return ModelJson.Same(actual, reconciled) ? null : reconciled;
    }

    private static EndpointSlice? Reconcile(EndpointSlice expected, EndpointSlice actual)
    {
        var reconciled = actual with { Endpoints = expected.Endpoints, Ports = expected.Ports };
        return ModelJson.Same(actual, reconciled) ? null : reconciled;
    }

    private static ConfigMap? Reconcile(ConfigMap expected, ConfigMap actual)
    {
        var reconciled = actual with { Data = expected.Data };
        return ModelJson.Same(actual, reconciled) ? null : reconciled;
    }
}
