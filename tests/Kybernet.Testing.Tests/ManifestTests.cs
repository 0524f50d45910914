using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Kybernet.Testing.Manifests;

namespace Kybernet.Testing.Tests;

public sealed class ManifestTests
{
    private const string Definition =
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: ships.sea.example}
        spec:
          group: sea.example
          scope: Namespaced
          names: {kind: Ship, plural: ships}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {masts: {type: integer, minimum: 1}}}}}}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_is_applied_with_definitions_before_what_they_define()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        using var folder = new TemporaryFolder();
        folder.Write("a-ship.yaml", "apiVersion: sea.example/v1\nkind: Ship\nmetadata: {name: black-pearl, namespace: harbour}\nspec: {masts: 3}\n");
        folder.Write("b-harbour.yml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: harbour}\n");
        folder.Write("deeper/c-definition.yaml", Definition);
        folder.Write("readme.txt", "not a manifest");

        await cluster.ApplyAsync(folder.Path, cancellationToken: Token);

        using var ships = new GenericClient(cluster.Client, "sea.example", "v1", "ships", disposeClient: false);
        Assert.Equal(3, (await ships.ReadNamespacedAsync<Ship>("harbour", "black-pearl", Token)).Spec.Masts);
    }

    [Fact]
    public async Task Applying_again_changes_what_changed()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        foreach (var value in new[] { "1", "2" })
        {
            await cluster.ApplyYamlAsync($"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings}}\ndata: {{value: '{value}'}}\n", cancellationToken: Token);
            Assert.Equal(value, (await cluster.Client.CoreV1.ReadNamespacedConfigMapAsync("settings", "default", cancellationToken: Token)).Data["value"]);
        }
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n", "metadata.name")]
    [InlineData("a: [", "the text: ")]
    [InlineData("apiVersion: sea.example/v1\nkind: Ship\nmetadata: {name: s}\n", "is its CustomResourceDefinition installed")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndatum: {}\n", "unknown field \"datum\"")]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 99999}]}\n", "spec.ports[0].port")]
    public async Task What_cannot_be_applied_is_told_with_its_reason(string yaml, string reason)
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        var refused = await Assert.ThrowsAsync<ManifestException>(() => cluster.ApplyYamlAsync(yaml, cancellationToken: Token));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_that_is_invalid_is_told_with_its_reason()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        var refused = await Assert.ThrowsAsync<ManifestException>(() => cluster.ApplyYamlAsync(Definition.Replace("ships.sea.example", "boats.sea.example"), cancellationToken: Token));
        Assert.Contains("CustomResourceDefinition boats.sea.example", refused.Message, StringComparison.Ordinal);
        Assert.Contains("metadata.name", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_or_broken_is_named()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        using var folder = new TemporaryFolder();
        folder.Write("broken.yaml", "a: [");

        Assert.Contains("broken.yaml", (await Assert.ThrowsAsync<ManifestException>(() => cluster.ApplyAsync(folder.Path, cancellationToken: Token))).Message, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<ManifestException>(() => cluster.ApplyAsync(Path.Combine(folder.Path, "none"), cancellationToken: Token));
        Assert.Contains("does the project copy it", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_class_becomes_a_resource_with_its_rules()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        await cluster.InstallAsync<Ship>(cancellationToken: Token);
        using var ships = new GenericClient(cluster.Client, "sea.example", "v1", "ships", disposeClient: false);

        var made = await ships.CreateNamespacedAsync(
            new Ship { Metadata = new V1ObjectMeta { Name = "black-pearl" }, Spec = new ShipSpec { Masts = 3, Rig = Rig.Square, Crew = { ["captain"] = new Sailor { Name = "Jack" } } }, Status = new ShipStatus { Afloat = true } },
            "default",
            Token);

        Assert.Equal((3, Rig.Square, "Jack"), (made.Spec.Masts, made.Spec.Rig, made.Spec.Crew["captain"].Name));
        Assert.Null(made.Status); // a subresource: the controller's to write
        foreach (var wrong in new[] { new ShipSpec { Masts = 0 }, new ShipSpec { Masts = 1, Crew = { ["captain"] = new Sailor() } }, new ShipSpec { Masts = 1, Flag = "Jolly Roger" } })
        {
            await Assert.ThrowsAsync<HttpOperationException>(() =>
                ships.CreateNamespacedAsync(new Ship { Metadata = new V1ObjectMeta { Name = "wrong" }, Spec = wrong }, "default", Token));
        }
    }

    [Fact]
    public async Task A_class_that_cannot_be_described_is_told_with_its_reason()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        Assert.Contains("contains itself", (await Assert.ThrowsAsync<ManifestException>(() => cluster.InstallAsync<Matryoshka>(cancellationToken: Token))).Message, StringComparison.Ordinal);
        Assert.Contains("[KubernetesEntity", (await Assert.ThrowsAsync<ArgumentException>(() => cluster.InstallAsync<Nameless>(cancellationToken: Token))).Message, StringComparison.Ordinal);
    }

    [KubernetesEntity(Group = "sea.example", ApiVersion = "v1", Kind = "Ship", PluralName = "ships")]
    private sealed class Ship : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "sea.example/v1";

        public string Kind { get; set; } = "Ship";

        public V1ObjectMeta Metadata { get; set; } = new();

        public ShipSpec Spec { get; set; } = new();

        public ShipStatus? Status { get; set; }
    }

    private enum Rig
    {
        Lateen,
        Square,
    }

    private sealed class ShipSpec
    {
        [Range(1, 7)]
        [Description("How many it has.")]
        public int Masts { get; set; }

        public Rig Rig { get; set; }

        [RegularExpression("^[a-z]+$")]
        public string? Flag { get; set; }

        public Dictionary<string, Sailor> Crew { get; set; } = [];
    }

    private sealed class Sailor
    {
        [Required]
        public string? Name { get; set; }
    }

    private sealed class ShipStatus
    {
        public bool Afloat { get; set; }
    }

    [KubernetesEntity(Group = "toys.example", ApiVersion = "v1", Kind = "Matryoshka", PluralName = "matryoshkas")]
    private sealed class Matryoshka : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "";

        public string Kind { get; set; } = "";

        public V1ObjectMeta Metadata { get; set; } = new();

        public Doll? Spec { get; set; }
    }

    private sealed class Doll
    {
        public Doll? Inner { get; set; }
    }

    private sealed class Nameless : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "";

        public string Kind { get; set; } = "";

        public V1ObjectMeta Metadata { get; set; } = new();
    }
}
