// Draws the descriptions of the API's types and fields from the documentation of the KubernetesClient package's models, into the compressed text
// that Kybernet.ApiServer embeds. Run by that project's build:
//   Kybernet.ApiDescriptions KubernetesClient.xml src/Kybernet.Api/Facts/types.txt DESTINATION
using System.IO.Compression;
using System.Text;
using Kybernet.ApiDescriptions;

if (args is not [var documentation, var types, var destination])
{
    Console.Error.WriteLine("usage: Kybernet.ApiDescriptions KUBERNETESCLIENT.XML TYPES.TXT DESTINATION");
    return 2;
}

var models = ModelDocumentation.Read(documentation);
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(destination))!);
using var file = File.Create(destination);
using var brotli = new BrotliStream(file, CompressionLevel.SmallestSize);
using var writer = new StreamWriter(brotli, new UTF8Encoding(false));
var written = DescriptionText.Write(writer, File.ReadLines(types), models);
if (written == 0)
{
    Console.Error.WriteLine($"{documentation}: no model of the API is described there");
    return 1;
}
return 0;
