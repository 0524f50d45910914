using System.Diagnostics;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Folders of NFS servers, mounted by the machine's own program for it.</summary>
internal sealed class NfsPlugin(PodPaths paths) : IVolumePlugin
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public bool Supports(VolumeRequest request) => (request.PersistentVolume?.Spec.Nfs ?? request.Volume.Nfs) is not null;

    public async Task<MountedVolume> SetUpAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        var source = request.PersistentVolume?.Spec.Nfs ?? request.Volume.Nfs!;
        var isReadOnly = source.ReadOnly == true || request.Volume.PersistentVolumeClaim?.ReadOnly == true;
        var folder = paths.Volume(request.PodUid, "nfs", request.FolderName);
        if (!MountTable.IsMountPoint(folder))
        {
            Directory.CreateDirectory(folder);
            List<string> options = [.. request.PersistentVolume?.Spec.MountOptions ?? []];
            if (isReadOnly)
            {
                options.Add("ro");
            }
            await MountAsync($"{Bracketed(source.Server)}:{source.Path}", folder, options, cancellationToken);
        }
        return new MountedVolume(folder) { IsReadOnly = isReadOnly };
    }

    private static string Bracketed(string server) => server.Contains(':') && !server.StartsWith('[') ? $"[{server}]" : server;

    private static async Task MountAsync(string what, string folder, List<string> options, CancellationToken cancellationToken)
    {
        string[] arguments = ["-t", "nfs", .. options.Count > 0 ? (string[])["-o", string.Join(',', options)] : [], what, folder];
        using var process = Process.Start(new ProcessStartInfo("mount", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        // A server that does not answer keeps the program waiting, for days if it is let.
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Patience);
        try
        {
            var said = process.StandardError.ReadToEndAsync(limited.Token);
            await process.WaitForExitAsync(limited.Token);
            if (process.ExitCode != 0)
            {
                throw new VolumeException(
                    $"mount failed: exit status {process.ExitCode}\nMounting command: mount\nMounting arguments: {string.Join(' ', arguments)}\nOutput: {await said}");
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new VolumeException($"mount of {what} did not end within {Patience.TotalSeconds} s");
        }
    }
}
