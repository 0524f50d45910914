using System.Text;
using k8s;
using k8s.Models;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Testing.Manifests;
using Kybernet.Testing.Namespaces;
using Kybernet.Testing.Recording;

namespace Kybernet.Testing;

public sealed partial class TestCluster
{
    private const string FieldManager = "kybernet-testing";

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    /// <summary>Makes a namespace of a name that nobody else has, for one test to have to itself; it is there, its ServiceAccount too, when this returns.</summary>
    /// <param name="prefix">What its name begins with.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<TestNamespace> NewNamespaceAsync(string prefix = "test", CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        var name = $"{prefix}-{Guid.NewGuid():N}"[..Math.Min(prefix.Length + 11, 63)];
        await Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } }, cancellationToken: cancellationToken);
        if (RunsController("serviceaccount-controller"))
        {
            await WaitForAsync<V1ServiceAccount>(name, "default", static _ => true, cancellationToken: cancellationToken);
        }
        return new TestNamespace(this, name, waitsForDeletion: RunsController("namespace-controller"));
    }

    /// <summary>
    /// Applies manifests, as <c>kubectl apply --server-side</c> does: definitions of custom resources first, and what is of their kind once they are served.
    /// </summary>
    /// <param name="path">A file, or a folder of <c>.yaml</c>, <c>.yml</c> and <c>.json</c> files.</param>
    /// <param name="namespace">Where objects go that name no namespace; <c>default</c> unless given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ManifestException">One cannot be read, or the server refuses it; it says which, and why.</exception>
    public async Task ApplyAsync(string path, string @namespace = "", CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        await ApplyAsync(await Manifest.ReadAsync(path, cancellationToken), @namespace, cancellationToken);
    }

    /// <summary>Applies manifests that are at hand as a text.</summary>
    /// <inheritdoc cref="ApplyAsync(string, string, CancellationToken)"/>
    /// <param name="yaml">YAML or JSON, of one document or several.</param>
    /// <param name="namespace">Where objects go that name no namespace; <c>default</c> unless given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task ApplyYamlAsync(string yaml, string @namespace = "", CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return ApplyAsync(Manifest.Parse(yaml, "the text"), @namespace, cancellationToken);
    }

    /// <summary>
    /// Installs the definition of a custom resource from the class that an operator works with: its attribute <c>[KubernetesEntity]</c> names it, its
    /// properties are the schema. It is served when this returns.
    /// </summary>
    /// <typeparam name="T">The class. A property <c>Status</c> makes a status subresource.</typeparam>
    /// <param name="isNamespaced">Whether its objects are in namespaces.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ManifestException">The class cannot be described, or the server refuses its definition.</exception>
    public Task InstallAsync<T>(bool isNamespaced = true, CancellationToken cancellationToken = default)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        ThrowIfDisposed();
        return ApplyAsync([new Manifest(EntityDefinition.Of(typeof(T), isNamespaced), typeof(T).Name)], "", cancellationToken);
    }

    /// <summary>Every write that an object has seen, refused ones included, oldest first: who did what, and what became of it.</summary>
    public IReadOnlyList<RecordedRequest> History(IKubernetesObject<V1ObjectMeta> item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var entity = ResourcePaths.EntityOf(item.GetType());
        var (space, name) = (item.Metadata.NamespaceProperty ?? "", item.Metadata.Name);
        return [.. Requests.Where(request =>
            request.IsWrite && request.Resource == entity.PluralName && request.Group == (entity.Group ?? "") && request.Namespace == space && request.Name == name)];
    }

    private bool RunsController(string name) =>
        _options.Controllers.Contains(name) || (_options.Controllers.Contains("*") && !_options.Controllers.Contains($"-{name}"));

    private async Task ApplyAsync(IReadOnlyList<Manifest> manifests, string @namespace, CancellationToken cancellationToken)
    {
        // A folder's order is that of its names: what others need comes first all the same.
        foreach (var manifest in manifests.OrderBy(static manifest => manifest.IsDefinition ? 0 : manifest.Kind == "Namespace" ? 1 : 2))
        {
            await ApplyAsync(manifest, @namespace, cancellationToken);
            if (manifest.IsDefinition)
            {
                await WaitUntilServedAsync(manifest, cancellationToken);
            }
        }
    }

    private async Task ApplyAsync(Manifest manifest, string @namespace, CancellationToken cancellationToken)
    {
        var space = manifest.Namespace.Length > 0 ? manifest.Namespace : @namespace;
        var path = await _paths.OfAsync(manifest.ApiVersion, manifest.Kind, space, manifest.Name, cancellationToken);
        var call = new ApiCall(HttpMethod.Patch, $"{path}?fieldManager={FieldManager}&force=true&fieldValidation=Strict")
        {
            Body = Encoding.UTF8.GetBytes(manifest.Object.ToJsonString()),
            ContentType = "application/apply-patch+yaml",
        };
        var reply = await _admin.Transport.SendAsync(call, cancellationToken);
        if (reply.StatusCode >= 400)
        {
            var status = Api.Json.ModelJson.Parse<Status>(reply.Body.Span);
            throw new ManifestException($"{manifest.Source}: {manifest.Kind} {manifest.Name}: {status.Message}");
        }
    }

    private async Task WaitUntilServedAsync(Manifest definition, CancellationToken cancellationToken)
    {
        await WaitForAsync<V1CustomResourceDefinition>("", definition.Name, static installed =>
            installed.Status?.Conditions?.Any(static condition => condition is { Type: "Established", Status: "True" }
                or { Type: "NamesAccepted", Status: "False" }) == true, cancellationToken: cancellationToken);
        var spec = definition.Object["spec"]!;
        var (group, kind) = ((string)spec["group"]!, (string)spec["names"]!["kind"]!);
        foreach (var version in spec["versions"]!.AsArray().Where(static version => (bool?)version!["served"] == true))
        {
            await WaitForKindAsync($"{group}/{(string)version!["name"]!}", kind, cancellationToken);
        }
    }

    // Established says that it may be served; discovery follows a moment later.
    private async Task WaitForKindAsync(string apiVersion, string kind, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_options.Patience);
        while (true)
        {
            try
            {
                await _paths.OfAsync(apiVersion, kind, "", "", cancellationToken);
                return;
            }
            catch (ManifestException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(Moment, TimeProvider.System, cancellationToken);
            }
        }
    }
}
