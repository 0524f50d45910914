using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage.V1;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Storage;

/// <summary>Pods with volumes that a driver makes for them, as objects: no node runs them.</summary>
public sealed class InlineVolumeTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "csiinlinevolumes-should-support-pods-with-inline-volumes")]
    public async Task A_pod_with_an_inline_volume_is_created_read_listed_patched_and_deleted()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var driver = $"inline.{space.Name}.example.com";
        await space.ApplyAsync($$"""
            apiVersion: storage.k8s.io/v1
            kind: CSIDriver
            metadata: {name: {{driver}}}
            spec: {volumeLifecycleModes: [Ephemeral], podInfoOnMount: true}
            """);
        try
        {
            var created = await space.ApplyAsync<Pod>($$"""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: inline
                  labels: {app: inline}
                spec:
                  schedulerName: none
                  containers: [{name: main, image: none, volumeMounts: [{name: data, mountPath: /data}]}]
                  volumes:
                  - name: data
                    csi:
                      driver: {{driver}}
                      readOnly: true
                      fsType: ext4
                      volumeAttributes: {size: small}
                """);

            var read = (await space.GetAsync<Pod>("inline")).Spec.Volumes.Single(static volume => volume.Name == "data").Csi!;
            Assert.Equal((driver, true, "ext4", "small"), (read.Driver, read.ReadOnly, read.FsType, read.VolumeAttributes["size"]));
            Assert.Equal(created.Metadata.Uid, Assert.Single(await space.ListAsync<Pod>("app=inline")).Metadata.Uid);
            Assert.Equal("yes", (await space.PatchAsync<Pod>("inline", "metadata: {labels: {patched: 'yes'}}")).Metadata.Labels["patched"]);
            Assert.True(await space.DeleteAsync<Pod>("inline"));
            await space.WaitGoneAsync<Pod>("inline");
        }
        finally
        {
            await space.DeleteAsync<CSIDriver>(driver);
        }
    }
}
