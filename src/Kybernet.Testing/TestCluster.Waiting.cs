using System.Runtime.CompilerServices;
using System.Text;
using k8s;
using k8s.Models;
using Kybernet.Api;
using Kybernet.Client;
using Kybernet.Testing.Manifests;
using Kybernet.Testing.Waiting;

namespace Kybernet.Testing;

public sealed partial class TestCluster
{
    /// <summary>Waits until an object exists and is as the test wants it. It is looked at again with each change, never by the clock.</summary>
    /// <param name="namespace">Its namespace; empty for an object that has none.</param>
    /// <param name="name">Its name.</param>
    /// <param name="condition">What the test wants of it.</param>
    /// <param name="timeout">How long to wait, in real time; <see cref="TestClusterOptions.Patience"/> unless given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="expression">The condition as written, for the message.</param>
    /// <returns>The object as it was when the condition held.</returns>
    /// <exception cref="WaitTimeoutException">It did not come about; the message shows what there is instead.</exception>
    public async Task<T> WaitForAsync<T>(
        string @namespace,
        string name,
        Func<T, bool> condition,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default,
        [CallerArgumentExpression(nameof(condition))] string expression = "")
        where T : IKubernetesObject<V1ObjectMeta> =>
        (await WatchUntilAsync<T>(@namespace, name, found => found is not null && condition(found), $"{expression} of", timeout, cancellationToken))!;

    /// <summary>Waits until an object is as the test wants it.</summary>
    /// <param name="item">The object, of which only the name is looked at.</param>
    /// <param name="condition">What the test wants of it.</param>
    /// <param name="timeout">How long to wait, in real time; <see cref="TestClusterOptions.Patience"/> unless given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="expression">The condition as written, for the message.</param>
    /// <returns>The object as it was when the condition held.</returns>
    /// <exception cref="WaitTimeoutException">It did not come about; the message shows what there is instead.</exception>
    public Task<T> WaitForAsync<T>(
        T item,
        Func<T, bool> condition,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default,
        [CallerArgumentExpression(nameof(condition))] string expression = "")
        where T : IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(item);
        return WaitForAsync(item.Metadata.NamespaceProperty ?? "", item.Metadata.Name, condition, timeout, cancellationToken, expression);
    }

    /// <summary>Waits until there is no object of a name.</summary>
    /// <param name="namespace">Its namespace; empty for an object that has none.</param>
    /// <param name="name">Its name.</param>
    /// <param name="timeout">How long to wait, in real time; <see cref="TestClusterOptions.Patience"/> unless given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WaitTimeoutException">It is still there; the message shows what keeps it.</exception>
    public Task WaitForDeletionAsync<T>(string @namespace, string name, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
        where T : IKubernetesObject<V1ObjectMeta> =>
        WatchUntilAsync<T>(@namespace, name, static found => found is null, "the end of", timeout, cancellationToken);

    private async Task<T?> WatchUntilAsync<T>(
        string @namespace, string name, Func<T?, bool> condition, string what, TimeSpan? timeout, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        ThrowIfDisposed();
        var collection = ResourcePaths.Of<T>(@namespace, "");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        patience.CancelAfter(timeout ?? _options.Patience);
        EncodedObject? last = null;
        try
        {
            while (true)
            {
                var selector = $"fieldSelector=metadata.name={Uri.EscapeDataString(name)}";
                var list = await _admin.Transport.ListAsync(new ApiCall(HttpMethod.Get, $"{collection}?{selector}"), patience.Token);
                last = list.Items.Count > 0 ? list.Items[0] : null;
                if (Holds(last, condition, out var found))
                {
                    return found;
                }
                var watch = new ApiCall(HttpMethod.Get, $"{collection}?watch=true&{selector}&resourceVersion={list.ResourceVersion}");
                await foreach (var change in _admin.Transport.WatchAsync(watch, patience.Token))
                {
                    if (change.Type == ObjectEventType.Bookmark)
                    {
                        continue;
                    }
                    last = change.Type == ObjectEventType.Deleted ? null : change.Object;
                    if (Holds(last, condition, out found))
                    {
                        return found;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ThrowIfDisposed();
            var subject = $"{ResourcePaths.EntityOf(typeof(T)).Kind} {(@namespace.Length > 0 ? $"{@namespace}/" : "")}{name}";
            throw new WaitTimeoutException(await new Evidence(_admin.Transport, Requests).DescribeAsync($"{what} {subject}", @namespace, name, last));
        }
    }

    private static bool Holds<T>(EncodedObject? item, Func<T?, bool> condition, out T? found)
    {
        found = item is null ? default : KubernetesJson.Deserialize<T>(Encoding.UTF8.GetString(item.Json.Span));
        return condition(found);
    }
}
