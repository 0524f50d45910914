using System.CommandLine;
using Kybernet.Cluster;

namespace Kybernet.Commands;

/// <summary><c>kybernet image</c>: images without a registry.</summary>
internal static class ImageCommand
{
    public static Command Create(TimeProvider time) => new("image", "Make images and give them to the cluster, without a registry.")
    {
        CreateBuild(time),
        CreateImport(time),
    };

    private static Command CreateBuild(TimeProvider time)
    {
        var folder = new Argument<string>("DIR") { Description = "A folder with rootfs/ (the file system) and image.json (what runs)." };
        var tag = new Option<string>("--tag") { Description = "What to call the image: NAME[:TAG].", Required = true, HelpName = "NAME" };
        var output = new Option<string?>("--output") { Description = "The archive to write [default: NAME-TAG.tar here].", HelpName = "FILE" };
        var command = new Command("build", "Make an OCI image of a folder.") { folder, tag, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var image = await new ImageTools(time).BuildAsync(
                parsed.GetValue(folder)!, parsed.GetValue(tag)!, parsed.GetValue(output), cancellationToken);
            Console.WriteLine($"{image.Name} ({image.Digest})");
            Console.WriteLine($"Give it to the cluster: kybernet image import {image.Archive}");
            return 0;
        });
        return command;
    }

    private static Command CreateImport(TimeProvider time)
    {
        var file = new Argument<string>("FILE") { Description = "An archive: OCI image layout, or what 'docker save' writes." };
        var dataDir = CommonOptions.DataDir();
        var command = new Command("import", "Give the images of an archive to the cluster's node.") { file, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var data = new DataDirectory(parsed.GetValue(dataDir)!);
            foreach (var name in await new ImageTools(time).ImportAsync(data, parsed.GetValue(file)!, cancellationToken))
            {
                Console.WriteLine(name);
            }
            return 0;
        });
        return command;
    }
}
