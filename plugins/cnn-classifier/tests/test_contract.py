from structkit.testing import ModelContract, PluginContract

PLUGIN = "structkit_cnn_classifier.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestClassifier(ModelContract):
    plugin = PLUGIN
    name = "cnn-classifier"
    settings = {
        "filters": ((4,), (4,)),
        "kernel_size": 3,
        "dense": 16,
        "epochs": 25,
        "batch_size": 8,
        "dropout": 0.0,
    }
    resumes = True


class TestRough(TestClassifier):
    settings = {**TestClassifier.settings, "precision": "bf16"}


class TestDisorder(ModelContract):
    plugin = PLUGIN
    name = "cnn-disorder"
    settings = {
        "filters": ((4,), (8,)),
        "kernels": (3, 3),
        "epochs": 20,
        "batch_size": 8,
        "learning_rate": 0.02,
        # the two classes of the suite are each other's mirror image, parted by place alone
        "pooling": "flatten",
        "augment": (),
    }
    resumes = True
