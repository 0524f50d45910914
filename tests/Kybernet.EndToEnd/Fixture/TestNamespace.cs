using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Schema;
using Kybernet.Api.Yaml;
using Kybernet.Client;

namespace Kybernet.EndToEnd.Fixture;

/// <summary>A namespace that is one test's alone, seen through the typed client over HTTPS. It is deleted at the end of the test.</summary>
internal sealed class TestNamespace(ApiClient client, Kubectl kubectl) : IAsyncDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ApiClient Client { get; } = client;

    /// <summary>Stock kubectl in the same namespace.</summary>
    public Kubectl Kubectl { get; } = kubectl;

    public string Name { get; } = kubectl.Namespace;

    /// <summary>Creates all objects of a YAML text; the namespaced ones here.</summary>
    public async Task ApplyAsync(string yaml)
    {
        foreach (var document in YamlReader.ReadAll(yaml))
        {
            ApiClient.ThrowIfFailed(await CreateAsync(document.AsObject()));
        }
    }

    /// <summary>Creates the one object of a YAML text.</summary>
    /// <returns>The object as the server made it.</returns>
    public async Task<T> ApplyAsync<T>(string yaml)
        where T : class, IResourceObject<T>
    {
        var reply = await CreateAsync(YamlReader.ReadAll(yaml).Single().AsObject());
        ApiClient.ThrowIfFailed(reply);
        return ModelJson.Parse<T>(reply.Body.Span);
    }

    public Task<T> GetAsync<T>(string name)
        where T : class, IResourceObject<T> => Client.GetAsync<T>(NamespaceOf<T>(), name, Token);

    public Task<IReadOnlyList<T>> ListAsync<T>(string labelSelector = "")
        where T : class, IResourceObject<T> => Client.ListAsync<T>(NamespaceOf<T>(), new ListSelection(labelSelector), Token);

    /// <summary>Replaces some of an object, or of a subresource of it, by a strategic merge patch.</summary>
    public Task<T> PatchAsync<T>(string name, string patch, string subresource = "")
        where T : class, IResourceObject<T> =>
        Client.PatchAsync<T>(NamespaceOf<T>(), name, subresource, Patch.Strategic(YamlReader.Read(patch)!), Token);

    public Task<bool> DeleteAsync<T>(string name, long? graceSeconds = null)
        where T : class, IResourceObject<T> =>
        Client.DeleteAsync<T>(NamespaceOf<T>(), name, new DeleteOptions { GracePeriodSeconds = graceSeconds }, Token);

    /// <summary>Waits until an object is there and as it should be; fails with the object and its events where that takes too long.</summary>
    /// <param name="name">The object's name.</param>
    /// <param name="isRight">What is waited for.</param>
    /// <param name="what">The same in words.</param>
    public async Task<T> WaitForAsync<T>(string name, Func<T, bool> isRight, string what)
        where T : class, IResourceObject<T>
    {
        T? last = null;
        await WaitAsync(
            async () => (last = await Client.FindAsync<T>(NamespaceOf<T>(), name, Token)) is not null && isRight(last),
            async () => $"{typeof(T).Name} {name} did not come to: {what}\n{(last is null ? "there is none" : Text(last))}\n{await EventsAsync(name)}");
        return last!;
    }

    /// <summary>Waits until there is no object of that name.</summary>
    public Task WaitGoneAsync<T>(string name)
        where T : class, IResourceObject<T> => WaitAsync(
        async () => await Client.FindAsync<T>(NamespaceOf<T>(), name, Token) is null,
        async () => $"{typeof(T).Name} {name} did not go\n{await EventsAsync(name)}");

    /// <summary>Waits for an event about an object.</summary>
    public async Task<Event> WaitForEventAsync(string name, string reason)
    {
        Event? found = null;
        await WaitAsync(
            async () => (found = (await ListEventsAsync(name)).FirstOrDefault(one => one.Reason == reason)) is not null,
            async () => $"there is no event {reason} about {name}\n{await EventsAsync(name)}");
        return found!;
    }

    /// <summary>Creates a pod and waits until it has run to a good end.</summary>
    /// <returns>What its first container printed.</returns>
    public async Task<string> PodSucceedsAsync(string podYaml)
    {
        var pod = await PodEndsAsync(podYaml);
        var logs = await LogsAsync(pod.Metadata.Name!, pod.Spec.Containers[0].Name);
        Assert.True(pod.Status.Phase == "Succeeded", $"the pod failed:\n{logs}\n{Text(pod)}");
        return logs;
    }

    /// <summary>Creates a pod and waits until it is over, well or not.</summary>
    public async Task<Pod> PodEndsAsync(string podYaml)
    {
        var pod = await ApplyAsync<Pod>(podYaml);
        return await WaitForAsync<Pod>(pod.Metadata.Name!, static pod => pod.Status.Phase is "Succeeded" or "Failed", "over");
    }

    /// <summary>Creates a pod and waits until it is ready.</summary>
    public async Task<Pod> PodRunsAsync(string podYaml)
    {
        var pod = await ApplyAsync<Pod>(podYaml);
        return await WaitForAsync<Pod>(
            pod.Metadata.Name!, static pod => pod.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" }), "ready");
    }

    /// <summary>What a container has printed.</summary>
    public async Task<string> LogsAsync(string pod, string container)
    {
        var path = $"{ResourcePath.Of<Pod>(Name, pod, "log")}?container={container}";
        var reply = await Client.Transport.SendAsync(new ApiCall(HttpMethod.Get, path), Token);
        ApiClient.ThrowIfFailed(reply);
        return Encoding.UTF8.GetString(reply.Body.Span);
    }

    /// <summary>Runs a command in a container; fails where the command does.</summary>
    /// <returns>What it printed.</returns>
    public Task<string> ExecAsync(string pod, string container, params string[] command) =>
        Kubectl.RunAsync(Token, ["exec", pod, "-c", container, "--", .. command]);

    /// <summary>Events about the objects of a name.</summary>
    public async Task<IReadOnlyList<Event>> ListEventsAsync(string name) =>
        await Client.ListAsync<Event>(Name, new ListSelection(FieldSelector: $"involvedObject.name={name}"), Token);

    public async ValueTask DisposeAsync()
    {
        // Nobody waits for what runs in it: the cluster ends with the tests.
        await Client.DeleteAsync<Namespace>("", Name, DeleteOptions.Empty, CancellationToken.None);
        await Client.Transport.DisposeAsync();
    }

    private static string Text<T>(T model)
        where T : class, IModel<T> => YamlWriter.Write(JsonNode.Parse(ModelJson.ToUtf8(model)));

    private static async Task WaitAsync(Func<Task<bool>> isRight, Func<Task<string>> complaint)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (!await isRight())
        {
            if (TimeProvider.System.GetElapsedTime(begin) > Eventually.Patience)
            {
                Assert.Fail(await complaint());
            }
            await Task.Delay(Eventually.Pause, TimeProvider.System, Token);
        }
    }

    private string NamespaceOf<T>()
        where T : class, IResourceObject<T> => T.IsNamespaced ? Name : "";

    private Task<ApiReply> CreateAsync(JsonObject document)
    {
        var version = GroupVersion.Parse(document["apiVersion"]!.GetValue<string>());
        var kind = new GroupVersionKind(version.Group, version.Version, document["kind"]!.GetValue<string>());
        var resource = ResourceRegistry.Default.Find(kind) ?? throw new ArgumentException($"there is no kind {kind}", nameof(document));
        if (resource.Namespaced)
        {
            ((JsonObject)document["metadata"]!)["namespace"] = Name;
        }
        var path = ResourcePath.Of(resource.Resource, resource.Namespaced ? Name : "");
        return Client.Transport.SendAsync(new ApiCall(HttpMethod.Post, path) { Body = Encoding.UTF8.GetBytes(document.ToJsonString()) }, Token);
    }

    private async Task<string> EventsAsync(string name) =>
        string.Join('\n', (await ListEventsAsync(name)).Select(one => $"{one.Type} {one.Reason} x{one.Count}: {one.Message}"));
}
