namespace Kybernet.Kubelet.Volumes;

/// <summary>Makes volumes of one kind ready.</summary>
internal interface IVolumePlugin
{
    /// <summary>Whether the volume is of this kind.</summary>
    bool Supports(VolumeRequest request);

    /// <summary>Brings the volume to be as it should; also where it is already there.</summary>
    /// <exception cref="VolumeException">It cannot be made.</exception>
    /// <exception cref="IOException">The kernel refused something.</exception>
    Task<MountedVolume> SetUpAsync(VolumeRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Does what unmounting the folders of a pod's volumes does not do, before that is done. Repeated until it succeeds; for a pod that has no volume of
    /// this kind it does nothing.
    /// </summary>
    Task TearDownAsync(string podUid, CancellationToken cancellationToken) => Task.CompletedTask;
}
