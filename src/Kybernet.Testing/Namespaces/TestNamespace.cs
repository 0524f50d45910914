using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Kybernet.Testing.Namespaces;

/// <summary>A namespace that one test has to itself. It is deleted, with all that is in it, when it is disposed of.</summary>
public sealed class TestNamespace : IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly bool _waitsForDeletion;

    internal TestNamespace(TestCluster cluster, string name, bool waitsForDeletion)
    {
        _cluster = cluster;
        Name = name;
        _waitsForDeletion = waitsForDeletion;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its name, so that it can be used where one is wanted.</summary>
    public static implicit operator string(TestNamespace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        return space.Name;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Deletes it, and waits until it and all that was in it is gone, finalizers included; without the namespace controller, only asks for it.</summary>
    /// <exception cref="Waiting.WaitTimeoutException">Something in it keeps it: a finalizer that nobody takes away, most likely.</exception>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _cluster.Client.CoreV1.DeleteNamespaceAsync(Name);
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return;
        }
        if (_waitsForDeletion)
        {
            await _cluster.WaitForDeletionAsync<V1Namespace>("", Name);
        }
    }
}
